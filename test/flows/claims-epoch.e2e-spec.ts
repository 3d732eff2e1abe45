import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { parseShortUuid } from '../../src/common/uuid.js';
import type { TokenResponse } from '../../src/sessions/token.view.js';
import { personalToken, tokenIn, verdictOn } from '../support/api-keys.js';
import { TestApp } from '../support/create-app.js';
import { createDatabase } from '../support/database.js';
import { decodeToken } from '../support/decode-token.js';

const claimsOf = ({ access_token }: TokenResponse) =>
  decodeToken<{
    iat: number;
    sid: string;
    roles: string[];
  }>(access_token).claims;

describe('the roles of a user are reduced', () => {
  let database: Awaited<ReturnType<typeof createDatabase>>;
  let app: TestApp;
  let admin: string;
  const start = async () => void (app = await TestApp.start({ DATABASE_URL: database.url, RATE_LIMITS: 'false' }));
  beforeAll(async () => {
    database = await createDatabase();
    await start();
  });
  afterAll(async () => {
    await app?.close();
    await database.drop();
  });
  beforeEach(async () => void (admin = await app.adminToken()));

  const reduce = async (id: string, roles: string[]) => {
    const { status } = await app.http.patch(`/users/${id}`, { roles }, { token: admin });
    expect(status).toBe(200);
  };
  const refresh = async ({ refresh_token }: TokenResponse): Promise<TokenResponse> => {
    const { status, body } = await app.http.post<TokenResponse>('/auth/refresh', { refresh_token });
    expect(status).toBe(200);
    return body;
  };
  const outcome = async ({ access_token: token }: TokenResponse): Promise<string> => {
    const { status, body } = await app.http.get<{ roles: string[]; code: string }>('/auth/me', { token });
    return status === 200 ? body.roles.join() : body.code;
  };
  const person = () => app.signedInUser({ roles: ['user', 'a', 'b', 'c'] });

  it('old tokens are refused, the refresh of the same second brings one that passes at once, the session lives', async () => {
    const { user, tokens } = await person();
    const elsewhere = await app.login(user.email);
    await reduce(user.id, ['user']);
    expect([await outcome(tokens), await outcome(elsewhere)]).toEqual(['token_revoked', 'token_revoked']);

    const [fresh, other] = await Promise.all([refresh(tokens), refresh(elsewhere)]);
    expect([await outcome(fresh), await outcome(other)]).toEqual(['user', 'user']);
    expect(claimsOf(fresh)).toMatchObject({ sid: claimsOf(tokens).sid, roles: ['user'] });
    const { body } = await app.http.get<{ items: { id: string }[] }>('/sessions', { token: fresh.access_token });
    expect(body.items.map(({ id }) => id).sort()).toEqual([claimsOf(tokens).sid, claimsOf(elsewhere).sid].sort());
    expect(await outcome(await refresh(fresh))).toBe('user');
  });

  it('a login in the same second passes at once', async () => {
    const { user } = await person();
    await reduce(user.id, ['user']);
    const tokens = await app.login(user.email);
    expect(claimsOf(tokens).iat).toBeLessThanOrEqual(app.clock.seconds());
    expect(await outcome(tokens)).toBe('user');
  });

  it('tabs that refresh in the same second get the same successor, and it passes', async () => {
    const { user, tokens } = await person();
    await reduce(user.id, ['user']);
    const tabs = await Promise.all([1, 2, 3].map(() => refresh(tokens)));
    expect(new Set(tabs.map(({ refresh_token }) => refresh_token)).size).toBe(1);
    expect(await Promise.all(tabs.map(outcome))).toEqual(['user', 'user', 'user']);
  });

  it('a successor handed out again comes with the roles of now, not with those of its rotation', async () => {
    const { user, tokens } = await person();
    await refresh(tokens);
    await reduce(user.id, ['user']);
    const again = await refresh(tokens);
    expect(claimsOf(again).roles).toEqual(['user']);
    expect(await outcome(again)).toBe('user');
    expect(await outcome(await refresh(again))).toBe('user');
  });

  it('several times in one second, with refreshes in between: no token states more than the last reduction left', async () => {
    const { user, tokens } = await person();
    const minted: Promise<TokenResponse>[] = [];
    let sessions = [tokens, await app.login(user.email), await app.login(user.email)];
    for (const roles of [['user', 'a', 'b'], ['user', 'a'], ['user']]) {
      await reduce(user.id, roles);
      // Under way while the next reduction comes: it waits for the epoch to pass.
      const next = sessions.pop()!;
      minted.push(refresh(next));
      await rotated(next);
    }
    const outcomes = await Promise.all((await Promise.all(minted)).map(outcome));
    expect(outcomes).toEqual(['token_revoked', 'token_revoked', 'user']);
    for (const late of await Promise.all(minted)) expect(await outcome(await refresh(late))).toBe('user');
  });

  /** Waits until the session has been rotated, though its answer is still to come. */
  const rotated = async (tokens: TokenResponse) => {
    for (let generation = 0; generation === 0;) {
      [{ generation }] = await app.dataSource.query('SELECT generation FROM sessions WHERE id = $1', [
        parseShortUuid(claimsOf(tokens).sid),
      ]);
    }
  };

  it('the service restarts in between: old tokens stay refused, sessions refresh', async () => {
    const { user, tokens } = await person();
    await reduce(user.id, ['user']);
    await app.close();
    await start();
    expect(await outcome(tokens)).toBe('token_revoked');
    expect(await outcome(await refresh(tokens))).toBe('user');
  });

  it('one entry refuses the tokens of the sessions and those of the keys, by the latest of either', async () => {
    for (const later of ['key', 'session'] as const) {
      const { user, tokens } = await person();
      const key = await personalToken(app, tokens.access_token, { with_roles: true });
      const verdict = async () => tokenIn(await verdictOn(app.http, key.api_key));
      let ofKey = await verdict();
      let ofSession = tokens;
      // The later one is of an instance whose clock is fast.
      app.clock.advance(3);
      if (later === 'session') ofSession = await refresh(tokens);
      else await app.dataSource.query('UPDATE api_keys SET issued_at = $1 WHERE id = $2', [app.clock.date(), key.id]);
      app.clock.advance(-3);
      await reduce(user.id, ['user']);
      const [{ n, epoch }] = await app.dataSource.query(
        "SELECT count(*)::int AS n, max(not_before)::int AS epoch FROM revocation_epochs WHERE kind = 'user' AND subject = $1",
        [user.id],
      );
      expect({ n, ahead: epoch - app.clock.seconds() >= 2 }).toEqual({ n: 1, ahead: true });
      for (const token of [ofKey, ofSession.access_token]) {
        expect((await app.http.get<{ code: string }>('/gateway/verify', { token })).status).toBe(401);
      }
      app.clock.advance(5);
      ofKey = await verdict();
      expect(decodeToken<{ roles: string[] }>(ofKey).claims.roles).toEqual(['user']);
    }
  });

  it('where only the name changes, or a role is added, nothing is refused', async () => {
    const { user, tokens } = await person();
    await app.http.patch(`/users/${user.id}`, { display_name: 'Bob' }, { token: admin });
    await app.http.patch(`/users/${user.id}`, { roles: ['c', 'b', 'a', 'user', 'd'] }, { token: admin });
    expect(await outcome(tokens)).toBe('user,a,b,c');
  });

  it('epochs combine by maximum: a later one stands, whichever is known first', async () => {
    const { user, tokens } = await person();
    await reduce(user.id, ['user', 'a']);
    const second = await refresh(tokens);
    app.clock.advance(5);
    const third = await refresh(second);
    await reduce(user.id, ['user']);
    expect([await outcome(tokens), await outcome(second), await outcome(third)]).toEqual(
      Array(3).fill('token_revoked'),
    );
    expect(await outcome(await refresh(third))).toBe('user');
    const [epochs] = await app.dataSource.query(
      "SELECT count(*)::int AS n, max(not_before) = (SELECT token_epoch FROM users WHERE id = $1) AS latest FROM revocation_epochs WHERE kind = 'user' AND subject = $1::text",
      [user.id],
    );
    expect(epochs).toEqual({ n: 2, latest: true });
  });
});
