import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SignInService } from '../../src/auth/sign-in.service.js';
import { UsersService } from '../../src/users/users.service.js';
import type { TokenResponse } from '../../src/sessions/token.view.js';
import type { User } from '../../src/users/user.entity.js';
import { TestApp } from '../support/create-app.js';

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
    const signIn = () => app.app.get(SignInService).signIn(user, device);
    const [first, second] = [await signIn(), await signIn()];
    const minted: Promise<TokenResponse | null>[] = [];
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
        minted.push(refresh(token), signIn());
        await sleep(2);
      }
      minted.push(refresh(first.refresh_token), refresh(second.refresh_token));
    };
    const reduce = async () => {
      await sleep((round * 3) % 17);
      await app.app.get(UsersService).update(user.id, { roles: ['user'] });
      over = true;
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
    'a sign-in': (user) => app.app.get(SignInService).signIn(user, device),
  };

  it.each(Object.keys(WAYS))('%s waits for a reduction that is being committed', async (way) => {
    const { user, tokens } = await app.signedInUser({ roles: ['user', 'approver'] });
    if (way === 'the same refresh again') await WAYS['a refresh']!(user, tokens);
    const other = app.dataSource.createQueryRunner();
    await other.startTransaction();
    // The reduction appends its epoch last: it comes that far, and no further.
    await other.query('SELECT seq FROM revocation_head FOR UPDATE');
    const reduction = app.app.get(UsersService).update(user.id, { roles: ['user'] });
    await sleep(1_100);
    const attempt = WAYS[way]!(user, tokens);
    await sleep(200);
    await other.commitTransaction();
    await other.release();
    await reduction;
    expect(['user', 'token_revoked']).toContain(await stateOf(await attempt));
  });

  it('yields no token that states the role and passes', async () => {
    const outcomes: { before: number; after: number }[] = [];
    for (let round = 0; round < ROUNDS; round += AT_ONCE) {
      outcomes.push(...(await Promise.all(Array.from({ length: AT_ONCE }, (_, index) => race(round + index)))));
    }
    expect(outcomes).toHaveLength(ROUNDS);
    // There were races: in some rounds more than the first two tokens were too early, in some others were in time.
    expect(outcomes.some(({ before }) => before > 2)).toBe(true);
    expect(outcomes.some(({ after }) => after > 0)).toBe(true);
  });
});
