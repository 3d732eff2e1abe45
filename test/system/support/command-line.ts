import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { testEnvironment } from '../../support/environment.js';
import { REPOSITORY, type Variables } from './service.js';

export interface Outcome {
  code: number | null;
  out: string;
  err: string;
}

/** Runs the command line in a folder as its operator does. */
export async function countersign(
  folder: string,
  words: string,
  variables: Variables = {},
  input = '',
): Promise<Outcome> {
  const { DATA_DIR: _ours, ...environment } = testEnvironment(variables);
  const child = spawn(process.execPath, [join(REPOSITORY, 'dist/cli.js'), ...words.split(' ')], {
    cwd: folder,
    env: { PATH: process.env.PATH, DATA_DIR: join(folder, 'data'), ...environment },
    stdio: 'pipe',
  });
  child.stdin.end(input);
  const exit = new Promise<number | null>((resolve) => child.once('close', resolve));
  const [out, err, code] = await Promise.all([text(child.stdout), text(child.stderr), exit]);
  return { code, out, err };
}
