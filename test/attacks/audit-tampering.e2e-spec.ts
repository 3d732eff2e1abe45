import { createHash } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { AuditLog } from '../../src/audit/audit-log.js';
import { AuditRetention } from '../../src/audit/chain/audit-retention.js';
import { AuditSealer } from '../../src/audit/chain/audit-sealer.js';
import { AuditVerifier } from '../../src/audit/chain/audit-verifier.js';
import { Jobs } from '../../src/platform/jobs/jobs.js';
import { BY_TEST } from '../support/cause.js';
import { TestApp } from '../support/create-app.js';

const EVENTS = 30;

describe('somebody who can write to the database and changes the audit log', () => {
  let app: TestApp;
  const sql = <Row = Record<string, unknown>>(text: string, values: unknown[] = []) =>
    app.dataSource.query<Row[]>(text, values);
  const record = (n: number) =>
    app.app.get(AuditLog).record({ event: 'user.read', subject: `subject ${n}`, details: { n } }, BY_TEST);
  const seal = () => app.app.get(AuditSealer).sealAll();
  const verify = (range?: { from?: Date; to?: Date }) => app.app.get(AuditVerifier).verify(range);
  const faults = async () => (await verify()).faults;

  beforeAll(async () => {
    app = await TestApp.start({ RATE_LIMITS: 'false' });
    // Nobody but the test seals: three batches, each with a checkpoint.
    await app.app.get(Jobs).onModuleDestroy();
    await sql('TRUNCATE audit_inbox, audit_events, audit_checkpoints');
    for (let n = 1; n <= EVENTS; n++) {
      await record(n);
      if (n % 10 === 0) await seal();
    }
    for (const table of ['audit_events', 'audit_checkpoints']) {
      await sql(`CREATE TABLE saved_${table} AS SELECT * FROM ${table}`);
    }
  });
  afterEach(async () => {
    await app.dataSource.transaction(async (manager) => {
      await manager.query('TRUNCATE audit_checkpoints, audit_events');
      for (const table of ['audit_events', 'audit_checkpoints']) {
        await manager.query(`INSERT INTO ${table} SELECT * FROM saved_${table}`);
      }
    });
    expect(await faults()).toEqual([]);
  });
  afterAll(() => app.close());

  it('finds it whole where nobody did', async () => {
    const { first, last, checkpoints, faults: none } = await verify();
    expect(none).toEqual([]);
    expect(first).toBe(1);
    expect(last).toBeGreaterThanOrEqual(EVENTS);
    expect(checkpoints).toBeGreaterThanOrEqual(3);
  });

  it.each([
    ['who acted', `actor = 'somebody else'`],
    ['whom it was about', 'subject = NULL'],
    ['what happened', `event = 'users.listed'`],
    ['the outcome', `outcome = 'failure'`],
    ['the reason', `reason = 'another'`],
    ['the client', `client = 'other'`],
    ['the address', `address = '203.0.113.7'`],
    ['the request', `request_id = 'another'`],
    ['the time, by a microsecond', `at = at + interval '1 microsecond'`],
    ['the time of sealing', `sealed_at = sealed_at + interval '1 microsecond'`],
    ['the id', 'id = gen_random_uuid()'],
    ['the details', `details = '{"n": 7.0}'`],
    ['the hash', `hash = sha256('x')`],
  ])('is found to have changed %s', async (_, change) => {
    await sql(`UPDATE audit_events SET ${change} WHERE seq = 7`);
    expect((await faults())[0]).toBe('event 7: it was changed, or moved here');
  });

  it('is found to have removed an event, several, or all to the end', async () => {
    await sql('DELETE FROM audit_events WHERE seq = 7');
    expect(await faults()).toEqual(['event 7: missing']);
    await sql('DELETE FROM audit_events WHERE seq BETWEEN 12 AND 14');
    expect(await faults()).toEqual(['event 7: missing', 'event 12 to 14: missing']);
    await sql('DELETE FROM audit_events WHERE seq >= 28');
    const { last } = await verify();
    expect(last).toBe(27);
    expect((await faults())[2]).toMatch(/^event 28 to \d+: missing$/);
  });

  it('is found to have removed events from the beginning, with or without their checkpoints', async () => {
    await sql('DELETE FROM audit_events WHERE seq <= 10');
    expect(await faults()).toEqual(['event 1 to 10: missing, and no event says that they were removed for their age']);
    await sql('DELETE FROM audit_checkpoints WHERE seq < 11');
    expect((await faults())[0]).toMatch(/^checkpoint 10: missing/);
  });

  it('is found to have exchanged two events, their numbers or their hashes', async () => {
    const swapped = `CASE seq WHEN 7 THEN 12 WHEN 12 THEN 7 END`;
    await sql(`UPDATE audit_events SET seq = ${swapped} WHERE seq IN (7, 12)`);
    expect(await faults()).toEqual(expect.arrayContaining([expect.stringContaining('event 7: it was changed')]));
    expect(await faults()).toEqual(expect.arrayContaining([expect.stringContaining('event 12: it was changed')]));
  });

  it('is found to have added an event at the end, in between, or twice', async () => {
    const columns =
      'id, at, event, outcome, reason, actor, subject, client, address, request_id, details, hash, sealed_at';
    const copy = (seq: number, of: number) =>
      sql(`INSERT INTO audit_events (${columns}, seq) SELECT ${columns}, ${seq} FROM audit_events WHERE seq = ${of}`);
    await copy(7, 12);
    expect(await faults()).toContain('event 7: there is another one of this number');
    await copy(12, 12);
    expect(await faults()).toContain('event 12: there is another one of this number');
    await copy(1_000_000, 12);
    expect(await faults()).toContain('event 1000000: it was added, since no checkpoint covers it');
    await copy(-1, 12);
    expect(await faults()).toContain('event -1: it was added, since no checkpoint covers it');
  });

  it('is found to have written the chain anew from some event on, with right hashes', async () => {
    await sql(`UPDATE audit_events SET actor = 'somebody else' WHERE seq = 7`);
    await writeAnew(7);
    expect(await faults()).toEqual(
      [10, 20, 30].map((seq) => expect.stringContaining(`event ${seq}: it, or others before it, were`)),
    );
    // And its checkpoints, which he cannot sign.
    await sql('UPDATE audit_checkpoints AS c SET hash = e.hash FROM audit_events AS e WHERE e.seq = c.seq');
    expect((await faults())[0]).toMatch(/^checkpoint 10: it was not signed by this service/);
  });

  it.each([
    ['its number', 'seq = seq + 1'],
    ['its time', `sealed_at = sealed_at - interval '1 day'`],
    ['its signature', `jws = left(jws, -4) || 'AAAA'`],
    ['its proof', `mac = substr(sha256('x'), 1, 16)`],
  ])('is found to have changed %s of a checkpoint', async (_, change) => {
    await sql(`UPDATE audit_checkpoints SET ${change} WHERE seq = 10`);
    expect((await faults()).join()).toMatch(/checkpoint 1[01]: it was not signed by this service/);
  });

  it('is found to have exchanged what two checkpoints say, or invented one far away', async () => {
    await sql(`UPDATE audit_checkpoints AS c SET jws = o.jws, mac = o.mac FROM saved_audit_checkpoints AS o
      WHERE c.seq = 10 AND o.seq = 20`);
    expect(await faults()).toContain('checkpoint 10: it was not signed by this service, or was changed');
    await sql(
      `INSERT INTO audit_checkpoints SELECT 1e15, hash, sealed_at, jws, mac FROM audit_checkpoints WHERE seq = 20`,
    );
    expect((await faults()).join()).toMatch(/checkpoint 1000000000000000: it was not signed/);
  });

  it('does not pass a checkpoint for a token', async () => {
    const [{ jws }] = (await sql('SELECT jws FROM audit_checkpoints LIMIT 1')) as [{ jws: string }];
    expect(await app.http.get('/auth/me', { token: jws })).toMatchObject({ status: 401 });
    const header = JSON.parse(Buffer.from(jws.split('.')[0]!, 'base64url').toString()) as { typ: string };
    expect(header.typ).toBe('audit-checkpoint+jwt');
  });

  it('is found out after the signing keys are gone, too', async () => {
    await app.http.post('/keys/rotate', { emergency: true }, { token: await app.adminToken() });
    await seal();
    await sql(`UPDATE audit_events SET actor = 'somebody else' WHERE seq = 7`);
    expect((await faults())[0]).toBe('event 7: it was changed, or moved here');
  });

  it('is looked for in a part of the chain', async () => {
    const [{ at }] = (await sql('SELECT sealed_at AS at FROM audit_checkpoints WHERE seq = 20')) as [{ at: Date }];
    await sql(`UPDATE audit_events SET actor = 'somebody else' WHERE seq = 7`);
    expect(await verify({ from: at })).toMatchObject({ first: 11, faults: [] });
    expect((await verify({ to: at })).faults).toEqual(['event 7: it was changed, or moved here']);
    await sql(`UPDATE audit_events SET actor = 'somebody else' WHERE seq = 17`);
    expect((await verify({ from: at })).faults).toEqual(['event 17: it was changed, or moved here']);
  });

  it('is told from the service itself, which removes events for their age', async () => {
    await sql(`CREATE TABLE audit_events_20010101 (LIKE audit_events INCLUDING ALL)`);
    await sql(`ALTER TABLE audit_events ATTACH PARTITION audit_events_20010101
      FOR VALUES FROM ('2001-01-01 00:00Z') TO ('2001-01-02 00:00Z')`);
    await app.app.get(AuditRetention).purge();
    expect(await sql(`SELECT to_regclass('audit_events_20010101') AS gone`)).toEqual([{ gone: null }]);
    const { last } = await verify();
    app.clock.advance(402 * 24 * 3600);
    await app.app.get(AuditRetention).purge();
    await seal();
    const found = await verify();
    expect(found.faults).toEqual([]);
    expect(found.first).toBe(last! + 1);
    expect(await sql('SELECT event, details FROM audit_events')).toEqual([
      { event: 'audit.purged', details: { through: last } },
    ]);
    // The partition of the other tests is gone.
    await record(1);
    await seal();
  });

  /** What somebody can do who knows how the chain is made: all but the signatures. */
  async function writeAnew(from: number): Promise<void> {
    const time = (column: string) => `to_char(${column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;
    const rows = await sql<{ seq: string; hash: Buffer; content: string }>(
      `SELECT seq, hash, jsonb_build_array(id, ${time('at')}, event, outcome, reason, actor, subject, client, address,
         request_id, details, ${time('sealed_at')})::text AS content FROM audit_events WHERE seq >= $1 ORDER BY seq`,
      [from - 1],
    );
    let { hash } = rows[0]!;
    for (const { seq, content } of rows.slice(1)) {
      const number = Buffer.alloc(8);
      number.writeBigUInt64BE(BigInt(seq));
      hash = createHash('sha256').update(hash).update(number).update(content).digest();
      await sql('UPDATE audit_events SET hash = $2 WHERE seq = $1', [seq, hash]);
    }
  }
});
