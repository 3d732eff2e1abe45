import { expect } from 'vitest';
import type { TokenResponse } from '../../../src/sessions/token.view.js';
import { decodeToken } from '../../support/decode-token.js';
import { until } from '../../system/support/processes.js';
import { ADMIN, type Deployment } from './deployment.js';
import type { Verifiers } from './verifiers.js';

const AT_ONCE = 8;

/** Returns the id of an access token's session, in hexadecimal digits. */
export function sessionOf(token: string): string {
  const { sid } = decodeToken<{ sid: string }>(token).claims;
  return Buffer.from(sid, 'base64url').toString('hex');
}

/** Many sessions of one user, which all end at once, on both instances. */
export class Storm {
  readonly acknowledged: string[] = [];
  /** Without an answer: whether they have ended is unknown. */
  readonly interrupted: string[] = [];
  private gathered: TokenResponse[] = [];

  constructor(private readonly deployment: Deployment) {}

  async gather(count: number): Promise<void> {
    await inParallel(
      Array.from({ length: count }, (_, index) => index),
      async (index) => void this.gathered.push(await this.deployment.signIn(ADMIN, index % 2)),
    );
  }

  async signEverybodyOut(): Promise<void> {
    const sessions = [...this.gathered.splice(0).entries()];
    await inParallel(sessions, async ([index, { access_token: token }]) => {
      const outcome = this.deployment.signOut(token, index % 2);
      await outcome.then(
        () => this.acknowledged.push(token),
        () => this.interrupted.push(token),
      );
    });
  }

  /**
   * Checks that all verifiers refuse every acknowledged logout, that the log has no gaps, and that a session has ended
   * in both tables or in none.
   */
  async expectTruth(everybody: Verifiers[]): Promise<void> {
    for (const token of this.acknowledged) {
      for (const verifiers of everybody) {
        await until('an acknowledged logout is refused', async () => {
          return (await verifiers.tell('tryOut', token)).every((outcome) => outcome === 'token_revoked');
        });
      }
    }
    const [log] = await this.deployment.sql(
      `SELECT count(*)::int AS entries, count(DISTINCT seq)::int AS numbers, max(seq)::int AS last,
         (SELECT seq::int FROM revocation_head) AS head
       FROM (SELECT seq FROM revocations UNION ALL SELECT seq FROM revocation_epochs) AS log`,
    );
    expect(log).toEqual({ entries: log!['head'], numbers: log!['head'], last: log!['head'], head: log!['head'] });
    const halves = await this.deployment.sql(
      'SELECT id FROM sessions WHERE id IN (SELECT session_id FROM revocations)',
    );
    expect(halves).toEqual([]);
    const ended = await this.deployment.sql<{ id: string }>('SELECT session_id AS id FROM revocations');
    const names = new Set(ended.map(({ id }) => id.replaceAll('-', '')));
    expect(this.acknowledged.filter((token) => !names.has(sessionOf(token)))).toEqual([]);
    for (const token of this.interrupted.filter((one) => !names.has(sessionOf(one)))) {
      for (const verifiers of everybody) {
        expect(await verifiers.tell('tryOut', token)).not.toContain('token_revoked');
      }
    }
  }
}

async function inParallel<T>(items: T[], work: (item: T) => Promise<void>): Promise<void> {
  const queue = items.values();
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (const item of queue) await work(item);
    }),
  );
}
