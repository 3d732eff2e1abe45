import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { UsersService } from '../../src/users/users.service.js';
import type { TokenResponse } from '../../src/sessions/token.view.js';
import type { User } from '../../src/users/user.entity.js';
import { BY_TEST } from '../support/cause.js';
import { TestApp } from '../support/create-app.js';
import { signInAs } from '../support/sign-in.js';
import { RowLock } from '../support/row-lock.js';
import { Tally } from '../support/tally.js';

const ROUNDS = 200;
/** Races that run side by side, each on a user of its own. */
const AT_ONCE = 50;

describe('holding on to a role by refreshing, signing in or replaying at the moment in which it is taken away', () => {
  let app: TestApp;
  beforeAll(async () => void (app = await TestApp.start({ RATE_LIMITS: 'false' })));
  afterAll(() => app.close());

  const device = { userAgent: null, address: '127.0.0.1' };

  const stateOf = async ({ access_token: token }: TokenResponse): Promise<string> => {
    const { status, body } = await app.http.get<{ roles: string[]; code: string }>('/auth/me', { token });
    return status === 200 ? body.roles.join() : body.code;
  };

  /** How many of the tokens that were minted during the race state the role, and how many do not. */
  async function race(round: number): Promise<{ before: number; after: number }> {
    const user = await app.createUser({ password: undefined, roles: ['user', 'approver'] });
    const signIn = () => signInAs(app, user, device);
    const [first, second] = [await signIn(), await signIn()];
    const minted: Promise<TokenResponse | null>[] = [];
    const signIns = new Tally();
    const refresh = async (refresh_token: string): Promise<TokenResponse | null> => {
      const { status, body } = await app.http.post<TokenResponse>('/auth/refresh', { refresh_token });
      // 401: the replay came so late that it was taken for theft.
      expect([200, 401]).toContain(status);
      return status === 200 ? body : null;
    };
    let over = false;
    const attempts = async () => {
      for (let step = 0; !over && step < 5; step++) {
        const token = step % 2 ? first.refresh_token : second.refresh_token;
        const signedIn = signIn();
        minted.push(refresh(token), signedIn);
        await signedIn;
        signIns.add();
      }
      minted.push(refresh(first.refresh_token), refresh(second.refresh_token));
    };
    const reduce = async () => {
      await signIns.reached(round % 5);
      await app.app.get(UsersService).update(user.id, { roles: ['user'] }, BY_TEST);
      over = true;
      minted.push(signIn());
    };
    await Promise.all([attempts(), reduce()]);
    const tokens = (await Promise.all(minted)).filter((token) => token !== null);
    const states = await Promise.all([first, second, ...tokens].map(stateOf));
    // Once the reduction has been acknowledged, a token is refused or states what it left.
    expect(states.filter((state) => state !== 'token_revoked' && state !== 'user')).toEqual([]);
    const after = states.filter((state) => state === 'user').length;
    return { before: states.length - after, after };
  }

  const WAYS: Record<string, (user: User, tokens: TokenResponse) => Promise<TokenResponse>> = {
    'a refresh': async (_, { refresh_token }) =>
      (await app.http.post<TokenResponse>('/auth/refresh', { refresh_token })).body,
    'the same refresh again': async (_, { refresh_token }) =>
      (await app.http.post<TokenResponse>('/auth/refresh', { refresh_token })).body,
    'a sign-in': (user) => signInAs(app, user, device),
  };

  it.each(Object.keys(WAYS))('%s waits for a reduction that is being committed', async (way) => {
    const { user, tokens } = await app.signedInUser({ roles: ['user', 'approver'] });
    if (way === 'the same refresh again') await WAYS['a refresh']!(user, tokens);
    // The reduction appends its epoch last: it comes that far, and no further.
    const lock = await RowLock.take(app, 'SELECT seq FROM revocation_head FOR UPDATE');
    const reduction = app.app.get(UsersService).update(user.id, { roles: ['user'] }, BY_TEST);
    await lock.isWaitedFor(1);
    // Its epoch is over when the token is asked for.
    app.clock.advance(2);
    const attempt = WAYS[way]!(user, tokens);
    await lock.isWaitedFor(2);
    await lock.release();
    await reduction;
    expect(['user', 'token_revoked']).toContain(await stateOf(await attempt));
  });

  it('yields no token that states the role and passes', async () => {
    const outcomes: { before: number; after: number }[] = [];
    for (let round = 0; round < ROUNDS; round += AT_ONCE) {
      outcomes.push(...(await Promise.all(Array.from({ length: AT_ONCE }, (_, index) => race(round + index)))));
    }
    expect(outcomes).toHaveLength(ROUNDS);
    // Wherever a sign-in was awaited first, more than the first two tokens were too early; the last was always in time.
    expect(outcomes.filter(({ before }) => before > 2).length).toBeGreaterThanOrEqual((ROUNDS * 4) / 5);
    expect(outcomes.every(({ after }) => after > 0)).toBe(true);
  });
});
