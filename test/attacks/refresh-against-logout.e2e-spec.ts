import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TokenResponse } from '../../src/sessions/token.view.js';
import type { User } from '../../src/users/user.entity.js';
import { PASSWORD, TestApp } from '../support/create-app.js';
import { signInAs } from '../support/sign-in.js';
import { decodeToken } from '../support/decode-token.js';
import { Tally } from '../support/tally.js';

const ROUNDS = 30;
/** Races that run side by side, each on a session of its own. */
const AT_ONCE = 10;
/** Refreshes that the end waits for, at most. */
const MOST_AWAITED = 8;

interface Scene {
  user: User;
  /** The session that is to end. */
  tokens: TokenResponse;
  /** Another session of the same user, which ends the first where the way of ending asks for one. */
  elsewhere: TokenResponse;
}

describe('refreshing at the moment in which the session ends', () => {
  let app: TestApp;
  let admin: string;
  beforeAll(async () => {
    app = await TestApp.start({ RATE_LIMITS: 'false' });
    admin = await app.adminToken();
  });
  afterAll(() => app.close());

  const sidOf = ({ access_token }: TokenResponse) => decodeToken<{ sid: string }>(access_token).claims.sid;

  const ENDINGS: Record<string, (scene: Scene) => Promise<{ status: number }>> = {
    'logout by access token': ({ tokens }) => app.http.post('/auth/logout', undefined, { token: tokens.access_token }),
    'logout by refresh token': ({ tokens }) => app.http.post('/auth/logout', { refresh_token: tokens.refresh_token }),
    'ending it from another device': ({ tokens, elsewhere }) =>
      app.http.delete(`/sessions/${sidOf(tokens)}`, { token: elsewhere.access_token }),
    'ending all others from another device': ({ elsewhere }) =>
      app.http.delete('/sessions', { token: elsewhere.access_token }),
    'a password change on another device': ({ elsewhere }) =>
      app.http.post(
        '/auth/password',
        { current_password: PASSWORD, new_password: 'a new and better one' },
        { token: elsewhere.access_token },
      ),
    'an administrator ending the sessions': ({ user }) =>
      app.http.delete(`/users/${user.id}/sessions`, { token: admin }),
    'an administrator disabling the user': ({ user }) =>
      app.http.patch(`/users/${user.id}`, { status: 'disabled' }, { token: admin }),
    'an administrator deleting the user': ({ user }) => app.http.delete(`/users/${user.id}`, { token: admin }),
    'deleting the own account': ({ elsewhere }) => app.http.delete('/users/me', { token: elsewhere.access_token }),
  };

  const device = { userAgent: null, address: '127.0.0.1' };

  /** A user with two sessions. Only a password change needs a password; the others are spared the hash. */
  async function open(name: string): Promise<Scene> {
    const user = await app.createUser(name.startsWith('a password') ? {} : { password: undefined });
    const [tokens, elsewhere] = await Promise.all([1, 2].map(() => signInAs(app, user, device)));
    return { user, tokens: tokens!, elsewhere: elsewhere! };
  }

  /** How many tokens the client got before the session ended. */
  async function race(name: string, round: number): Promise<number> {
    const scene = await open(name);
    const { tokens } = scene;
    const held = [tokens];
    const steps = new Tally();
    const refresh = async (refresh_token: string): Promise<TokenResponse | null> => {
      const { status, body } = await app.http.post<TokenResponse>('/auth/refresh', { refresh_token });
      expect([200, 401]).toContain(status);
      if (status !== 200) return null;
      held.push(body);
      return body;
    };
    // One client that goes on until it is refused, beside a tab that holds the first token too.
    const chain = async () => {
      for (let next: TokenResponse | null = tokens; next; next = await refresh(next.refresh_token)) steps.add();
      // Refused at once, by the tab that came too late: there is nothing left to wait for.
      for (let step = 0; step < MOST_AWAITED; step++) steps.add();
    };
    const end = async () => {
      await steps.reached(round % MOST_AWAITED);
      const { status } = await ENDINGS[name]!(scene);
      // 404: a tab that came too late was taken for a thief, and the session had ended before.
      expect(name === 'ending it from another device' ? [204, 404] : [200, 204]).toContain(status);
    };
    await Promise.all([chain(), refresh(tokens.refresh_token), end()]);
    for (const { access_token: token, refresh_token } of [...held.slice(0, 4), ...held.slice(-4)]) {
      expect(await app.http.get('/auth/me', { token })).toMatchObject({ status: 401, body: { code: 'token_revoked' } });
      expect((await app.http.post('/auth/refresh', { refresh_token })).status).toBe(401);
    }
    return held.length;
  }

  it.each(Object.keys(ENDINGS))('%s leaves nothing of it alive', async (name) => {
    const outcomes: number[] = [];
    for (let round = 0; round < ROUNDS; round += AT_ONCE) {
      const races = Array.from({ length: AT_ONCE }, (_, index) => race(name, round + index));
      outcomes.push(...(await Promise.all(races)));
    }
    expect(outcomes).toHaveLength(ROUNDS);
    // Every session ended under the client's hands; some of them had been refreshed by then.
    expect(outcomes.some((tokens) => tokens > 1)).toBe(true);
  });
});
