import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { AuditLog } from '../../src/audit/audit-log.js';
import { AuditSealer } from '../../src/audit/chain/audit-sealer.js';
import { AuditVerifier } from '../../src/audit/chain/audit-verifier.js';
import { main } from '../../src/command-line.js';
import { BY_TEST } from '../support/cause.js';
import { TestApp } from '../support/create-app.js';
import { createDatabase } from '../support/database.js';
import { testEnvironment } from '../support/environment.js';

describe('the chain of the audit log', () => {
  let app: TestApp;
  let database: Awaited<ReturnType<typeof createDatabase>>;
  beforeAll(async () => {
    database = await createDatabase();
    app = await TestApp.start({ DATABASE_URL: database.url });
  });
  afterEach(() => vi.unstubAllEnvs());
  afterAll(async () => {
    await app.close();
    await database.drop();
  });

  /** Another sealer may be at it: then it is waited for. */
  const sealed = async () => {
    const waiting = () => app.dataSource.query<unknown[]>('SELECT FROM audit_inbox');
    while ((await waiting()).length > 0) await app.app.get(AuditSealer).sealAll();
  };
  it('numbers an event that is committed late behind others, and lets nobody wait for it', async () => {
    const log = app.app.get(AuditLog);
    const late = app.dataSource.createQueryRunner();
    await late.startTransaction();
    await log.record({ event: 'user.read', subject: 'late' }, BY_TEST, late.manager);
    await log.record({ event: 'user.read', subject: 'early' }, BY_TEST);
    await sealed();
    const numberOf = async (subject: string) => {
      const [row] = await app.dataSource.query<{ seq: string }[]>('SELECT seq FROM audit_events WHERE subject = $1', [
        subject,
      ]);
      return row && Number(row.seq);
    };
    const early = await numberOf('early');
    expect(early).toBeGreaterThan(0);
    expect(await numberOf('late')).toBeUndefined();
    await late.commitTransaction();
    await late.release();
    await sealed();
    expect(await numberOf('late')).toBeGreaterThan(early!);
    expect((await app.app.get(AuditVerifier).verify()).faults).toEqual([]);
  });

  it('is one chain, however many write and seal at once', async () => {
    const log = app.app.get(AuditLog);
    for (let round = 0; round < 30; round++) {
      const writers = Array.from({ length: 8 }, () => log.record({ event: 'user.read', subject: 'raced' }, BY_TEST));
      await Promise.all([...writers, ...[1, 2, 3].map(() => app.app.get(AuditSealer).sealAll())]);
    }
    await sealed();
    const [{ count }] = await app.dataSource.query<[{ count: string }]>(
      `SELECT count(DISTINCT seq) FROM audit_events WHERE subject = 'raced'`,
    );
    expect(Number(count)).toBe(240);
    expect((await app.app.get(AuditVerifier).verify()).faults).toEqual([]);
  });

  it('is verified by a command, whose exit code tells whether it is whole', async () => {
    for (const [name, value] of Object.entries(testEnvironment({ DATABASE_URL: database.url })))
      vi.stubEnv(name, value);
    const out = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
    const err = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    const said = () => out.mock.calls.map(([text]) => String(text)).join('');
    try {
      expect(await main(['audit', 'verify'])).toBe(0);
      expect(said()).toMatch(/The chain is whole: the events 1 to \d+, \d+ checkpoints\./);
      expect(await main(['audit', 'verify', '--from', 'yesterday'])).toBe(2);
      await app.dataSource.query(`UPDATE audit_events SET actor = 'somebody else' WHERE seq = 1`);
      expect(await main(['audit', 'verify'])).toBe(1);
      expect(said()).toMatch(/event 1: it was changed[^]*The chain is broken/);
    } finally {
      out.mockRestore();
      err.mockRestore();
    }
  });
});
