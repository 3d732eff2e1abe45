import { glob, readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { AUDIT_EVENTS, gatherAuditEvents } from './audit-events.js';

describe('the events of the audit log', () => {
  it('have names of one form', () => {
    for (const name of Object.keys(AUDIT_EVENTS)) expect(name).toMatch(/^[a-z_]+\.[a-z_]+$/);
  });

  it('are each recorded somewhere', async () => {
    const source = new URL('../', import.meta.url);
    let code = '';
    for await (const file of glob('**/*.ts', { cwd: source })) {
      if (!/\.(audit|spec)\.ts$/.test(file)) code += await readFile(new URL(file, source), 'utf8');
    }
    expect(Object.keys(AUDIT_EVENTS).filter((name) => !code.includes(`'${name}'`))).toEqual([]);
  });

  it('are declared once', () => {
    const again = { 'user.created': { meaning: 'Again.', shownToSubject: false } };
    expect(() => gatherAuditEvents([again])).toThrow('user.created is declared twice');
  });
});
