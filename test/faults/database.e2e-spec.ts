import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it, type TestContext } from 'vitest';
import { TcpProxy } from '../support/tcp-proxy.js';
import { until } from '../system/support/processes.js';
import { Deployment } from './support/deployment.js';
import { GRACE, Line, S } from './support/line.js';
import { sessionOf, Storm } from './support/storm.js';
import { monotonic } from './support/verifiers.js';

let deployment: Deployment;
/** Between the second instance and the database. */
let proxy: TcpProxy;
beforeAll(async () => {
  const straight = (url: string) => Promise.resolve(url);
  const throughProxy = async (url: string) => (proxy = await TcpProxy.start(url)).url;
  deployment = await Deployment.start([straight, throughProxy]);
});
afterAll(async () => {
  await deployment.stop();
  await proxy.stop();
});

/** Plays a scenario with verifiers beside the proxy and behind it. What holds after every fault is checked at its end. */
function onLines(play: (beside: Line, behind: Line) => Promise<void>) {
  return async ({ onTestFinished }: TestContext): Promise<void> => {
    const lines: Line[] = [];
    onTestFinished(async () => void (await Promise.all(lines.map((line) => line.abandon()))));
    for (const instance of [0, 1]) lines.push(await Line.open(deployment, { instance }));
    const [beside, behind] = lines;
    await play(beside!, behind!);
    for (const line of lines) await line.close();
  };
}

describe('between the instances and their database', () => {
  it(
    'notifications are swallowed, or nobody listens: the others hear of it a second later',
    onLines(async (_, behind) => {
      const swallowed = await behind.watchedToken();
      proxy.lose((piece) => piece.includes('countersign\0revocations'));
      await signOutUnnoticed(behind, swallowed);
      proxy.lose(() => false);
      for (let round = 0; round < 3; round += 1) {
        const unheard = await behind.watchedToken();
        await deployment.sql(
          "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'countersign-listener'",
        );
        await signOutUnnoticed(behind, unheard);
      }
    }),
  );

  it(
    'what took its number first commits first, whatever holds it up, and nobody skips it',
    onLines(async (...lines) => {
      const [beside, behind] = lines;
      const [first, second] = [await beside.watchedToken(), await beside.watchedToken()];
      for (const token of [first, second]) await behind.verifiers.tell('watch', token);
      // The first transaction has its number, and waits at its commit for a lock that the test holds.
      await deployment.sql(`CREATE FUNCTION hold_up() RETURNS trigger LANGUAGE plpgsql AS
      $$ BEGIN
        IF NEW.session_id = '${sessionOf(first)}' THEN PERFORM pg_advisory_xact_lock_shared(3); END IF;
        RETURN NULL;
      END $$`);
      await deployment.sql(`CREATE CONSTRAINT TRIGGER hold_up AFTER INSERT ON revocations
      DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION hold_up()`);
      const lock = new Client({ connectionString: deployment.databaseUrl });
      await lock.connect();
      await lock.query('SELECT pg_advisory_lock(3)');
      let answers = 0;
      const firstOut = deployment.signOut(first, 0).then(() => (answers += 1));
      await waiters("wait_event_type = 'Lock' AND wait_event = 'advisory'");
      const secondOut = deployment.signOut(second, 1).then(() => (answers += 1));
      await waiters("wait_event_type = 'Lock' AND wait_event <> 'advisory'");
      const [{ now }] = (await deployment.sql<{ now: Date }>('SELECT clock_timestamp() AS now')) as [{ now: Date }];
      await until('both instances have read the log again', async () => {
        const readers = await deployment.sql('SELECT FROM revocation_readers WHERE seen_at > $1', [now]);
        return readers.length === 2;
      });
      expect(answers).toBe(0);
      const before = await Promise.all(lines.map((line) => line.metrics()));
      await lock.end();
      await Promise.all([firstOut, secondOut]);
      const log = await deployment.sql<{ session_id: string }>(
        'SELECT session_id FROM revocations ORDER BY seq DESC LIMIT 2',
      );
      const sessions = log.map(({ session_id: id }) => id.replaceAll('-', ''));
      expect(sessions).toEqual([sessionOf(second), sessionOf(first)]);
      for (const [index, line] of lines.entries()) {
        await line.outcome(first, 'token_revoked');
        await line.outcome(second, 'token_revoked');
        const applied = (await line.metrics()).map(({ appliedSeq }) => appliedSeq);
        expect(applied).toEqual(before[index]!.map(({ appliedSeq }) => appliedSeq + 2));
      }
    }),
  );

  it(
    'one instance hangs on its database: its word is not taken for longer than it may',
    onLines(async (_, behind) => {
      const token = await behind.watchedToken();
      proxy.freeze();
      const revokedAt = await deployment.signOut(token, 0);
      // Verifiers that reconnect meanwhile get `hello` from an instance that knows nothing new.
      const reconnects = setInterval(() => behind.proxy.reset(), 2_500);
      await behind.outcome(token, 'token_stale');
      await behind.reconnected(() => undefined, 2);
      clearInterval(reconnects);
      expect(await behind.acceptedFor(token, revokedAt)).toBeLessThan(S + GRACE);
      const silence = (monotonic() - revokedAt) / 1000;
      for (const { stalenessSeconds } of await behind.metrics())
        expect(stalenessSeconds).toBeGreaterThan(silence - GRACE);
      proxy.thaw();
      await behind.outcome(token, 'token_revoked');
    }),
  );

  it(
    'the database crashes twice under load: what was acknowledged stays true',
    onLines(async (...lines) => {
      const storm = new Storm(deployment);
      for (let round = 0; round < 2; round += 1) {
        await storm.gather(40);
        const storming = storm.signEverybodyOut();
        await until('some are signed out', () => storm.acknowledged.length > 40 * round + 8);
        await deployment.postgres.crash();
        await storming;
        await deployment.postgres.startAgain();
        await until('both instances are ready', async () => {
          const answers = await Promise.all(
            [0, 1].map((index) => deployment.instance(index).http.get('/health/ready/sign-in')),
          );
          return answers.every(({ status }) => status === 200);
        });
      }
      expect(storm.interrupted.length).toBeGreaterThan(0);
      await storm.expectTruth(lines.map(({ verifiers }) => verifiers));
    }),
  );
});

/** Signs out on the other instance. The line's instance reads that in time, though no notification has woken it. */
async function signOutUnnoticed(line: Line, token: string): Promise<void> {
  const revokedAt = await deployment.signOut(token, 0);
  await line.outcome(token, 'token_revoked');
  for (const outcomes of await line.outcomesOf(token)) expect(outcomes).toEqual(['accepted', 'token_revoked']);
  expect(await line.acceptedFor(token, revokedAt)).toBeLessThan(S);
}

async function waiters(condition: string): Promise<void> {
  await until(`a connection waits: ${condition}`, async () => {
    const waiting = await deployment.sql(
      `SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND ${condition}`,
    );
    return waiting.length > 0;
  });
}
