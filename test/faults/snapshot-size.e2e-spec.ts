import { request } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Deployment } from './support/deployment.js';
import { optionsFor } from './support/line.js';
import { Verifiers } from './support/verifiers.js';

/** What 100 million live sessions leave in the log, where 1 % is revoked a day and a token lives 10 minutes. */
const LIVE_ENTRIES = 7_000;
const LARGEST_SNAPSHOT = 60_000;

let deployment: Deployment;
const verifiers = new Verifiers();
beforeAll(async () => {
  deployment = await Deployment.start();
  await deployment.sql(
    `WITH head AS (UPDATE revocation_head SET seq = seq + $1 RETURNING seq)
     INSERT INTO revocations (seq, session_id, revoked_at, expires_at)
     SELECT head.seq - $1 + n, gen_random_uuid(), now(),
       date_trunc('minute', now() + interval '2 minutes' + interval '10 minutes' * n / $1)
     FROM head, generate_series(1, $1::int) AS n`,
    [LIVE_ENTRIES],
  );
});
afterAll(async () => {
  await verifiers.stop();
  await deployment.stop();
});

/** How many bytes the snapshot takes on the wire. */
async function sizeOf(url: string): Promise<number> {
  const sent = request(`${url}/revocations/snapshot`, { headers: { 'accept-encoding': 'gzip' } }).end();
  const body = await new Promise<Buffer>((resolve, reject) => {
    sent.on('response', (answer) => resolve(buffer(answer))).on('error', reject);
  });
  return body.length;
}

describe('the window of 100 million sessions', () => {
  it('is a snapshot of 60 kB at most, and a verifier that starts with it knows every entry', async () => {
    // One has read the log to its end, the other as it grew.
    await deployment.instance(1).kill();
    await deployment.startInstance(1);
    for (const index of [0, 1]) {
      const { url, http } = deployment.instance(index);
      const { access_token: token } = await deployment.signUp(index);
      await http.post('/auth/logout?wait=applied', undefined, { token });
      expect(await sizeOf(url)).toBeLessThan(LARGEST_SNAPSHOT);
      expect(await verifiers.tell('create', optionsFor(url))).not.toBeNull();
      expect((await verifiers.tell('metrics')).at(-1)!.revokedEntries).toBe(LIVE_ENTRIES + 1 + index);
      expect((await verifiers.tell('tryOut', token)).at(-1)).toBe('token_revoked');
    }
  });
});
