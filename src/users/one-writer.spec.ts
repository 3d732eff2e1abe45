import { glob, readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';

const WRITES =
  /\b(?:UPDATE|INSERT INTO|DELETE FROM|MERGE INTO)\s+users\b|\b(?:update|insert|upsert|delete)\(\s*User\b/i;

it('users alone write the table of users, but for migrations', async () => {
  const source = new URL('../', import.meta.url);
  const writers: string[] = [];
  for await (const file of glob('**/*.ts', { cwd: source })) {
    if (file.startsWith('platform/database/migrations/') || file.endsWith('.spec.ts')) continue;
    if (WRITES.test(await readFile(new URL(file, source), 'utf8'))) writers.push(file);
  }
  expect(writers.sort()).toEqual(['users/email-folding.ts', 'users/users.service.ts']);
});
