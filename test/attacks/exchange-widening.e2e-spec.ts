import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TokenResponse } from '../../src/sessions/token.view.js';
import type { User } from '../../src/users/user.entity.js';
import { TestApp } from '../support/create-app.js';
import { signInAs } from '../support/sign-in.js';
import { decodeToken } from '../support/decode-token.js';
import type { Answer } from '../support/http-client.js';
import { Tally } from '../support/tally.js';
import { sendForm, ServiceAccount } from '../support/service-account.js';
import { ACCESS_TOKEN, exchange, EXCHANGE, exchanged } from '../support/token-exchange.js';
import { forge, ownSigner } from './forged-token.js';

const ROUNDS = 40;
const AT_ONCE = 10;

describe('making more of a token by exchanging it', () => {
  let app: TestApp;
  let admin: string;
  let user: User;
  let tokens: TokenResponse;
  /** Serves and may reach everything, so that nothing but the subject token holds it back. */
  let greedy: ServiceAccount;
  let orders: ServiceAccount;

  const AUDIENCES = ['api', 'billing', 'ledger', 'admin-console'];

  beforeAll(async () => {
    app = await TestApp.start({ RATE_LIMITS: 'false' });
    admin = await app.adminToken();
    ({ user, tokens } = await app.signedInUser());
    greedy = await ServiceAccount.create(app, admin, {
      grant_types: ['client_credentials', EXCHANGE],
      scopes: ['a', 'b', 'c', 'everything'],
      audiences: AUDIENCES,
      served_audiences: AUDIENCES,
    });
    orders = await ServiceAccount.create(app, admin, {
      grant_types: ['client_credentials', EXCHANGE],
      scopes: ['a', 'b'],
      audiences: ['billing', 'api'],
      served_audiences: ['api'],
    });
  });
  afterAll(() => app.close());

  const claimsOf = (token: string) => decodeToken(token).claims;
  const refused = (answer: Answer<Record<string, string>>, error = 'invalid_request') => {
    expect(answer).toMatchObject({ status: 400, body: { error } });
    expect(answer.text).not.toContain('access_token"');
  };

  it('gains no scope, by asking or by not asking', async () => {
    const narrow = await exchanged(orders, tokens.access_token, { scope: 'a' });
    expect(claimsOf(await exchanged(greedy, narrow))).toMatchObject({ scope: 'a' });
    for (const scope of ['a b', 'b', 'everything', 'A', 'a  b', 'a\tb', ' a']) {
      refused(await exchange(greedy, narrow, { scope }), 'invalid_scope');
    }
    const own = await orders.token({ audience: 'api', scope: 'b' });
    expect(claimsOf(await exchanged(greedy, own))).toMatchObject({ scope: 'b' });
  });

  it('gains no scope where nothing is left of it', async () => {
    const bare = await ServiceAccount.create(app, admin, { grant_types: [EXCHANGE], served_audiences: ['api'] });
    // No scopes at all: what a person's own token has, but this one says who acts.
    const none = await exchanged(bare, tokens.access_token);
    expect(claimsOf(none)).not.toHaveProperty('scope');
    expect(claimsOf(await exchanged(greedy, none))).not.toHaveProperty('scope');
    refused(await exchange(greedy, none, { scope: 'a' }), 'invalid_scope');
    const without = await ServiceAccount.create(app, admin);
    expect(claimsOf(await exchanged(greedy, await without.token()))).not.toHaveProperty('scope');
  });

  it('reaches no audience that the client may not', async () => {
    for (const form of [{ audience: 'admin-console' }, { resource: 'ledger' }, { audience: 'billing admin-console' }]) {
      refused(await exchange(orders, tokens.access_token, form as unknown as Record<string, string>), 'invalid_target');
    }
    const headers = { authorization: orders.basic };
    const smuggled = [
      ['grant_type', EXCHANGE],
      ['subject_token', tokens.access_token],
      ['subject_token_type', ACCESS_TOKEN],
      ['audience', 'billing'],
      ['audience', 'ledger'],
    ];
    refused(await sendForm(app, '/oauth/token', smuggled, { ...headers }), 'invalid_target');
  });

  it('is not for a service that the token was not meant for', async () => {
    const elsewhere = await exchanged(greedy, tokens.access_token, { audience: 'ledger' });
    refused(await exchange(orders, elsewhere));
    const own = await greedy.token({ audience: 'admin-console' });
    refused(await exchange(orders, own));
    const stranger = await ServiceAccount.create(app, admin, { grant_types: [EXCHANGE], audiences: AUDIENCES });
    refused(await exchange(stranger, tokens.access_token));
  });

  it('gains no time, however often it is done', async () => {
    const parent = claimsOf(tokens.access_token);
    let token = tokens.access_token;
    for (let step = 0; step < 4; step++) {
      app.clock.advance(30);
      token = await exchanged(greedy, token);
      expect(claimsOf(token)).toMatchObject({ exp: parent['exp'], iat: parent['iat'] });
    }
    app.clock.advance(-120);
  });

  it('gains no depth without end', async () => {
    const services = await Promise.all(
      Array.from({ length: 5 }, () =>
        ServiceAccount.create(app, admin, { grant_types: [EXCHANGE], served_audiences: ['api'] }),
      ),
    );
    let token = tokens.access_token;
    for (const service of services.slice(0, 4)) token = await exchanged(service, token);
    expect((await app.http.get('/auth/me', { token })).status).toBe(200);
    refused(await exchange(services[4]!, token));
    refused(await exchange(greedy, token));
  });

  it('makes nobody else the actor, and nobody the actor of itself', async () => {
    const own = await greedy.token();
    refused(await exchange(greedy, own));
    for (const form of [{ actor_token: own, actor_token_type: ACCESS_TOKEN }, { actor_token: own }]) {
      refused(await exchange(orders, tokens.access_token, form as unknown as Record<string, string>));
    }
    const act = { act: JSON.stringify({ sub: user.id }), client_id: orders.id, sub: 'root', roles: 'admin' };
    expect(claimsOf(await exchanged(orders, tokens.access_token, act))).toMatchObject({
      sub: user.id,
      client_id: orders.id,
      roles: ['user'],
      act: { sub: orders.id },
    });
    // An identity that the credentials are not of.
    const answer = await exchange(orders, tokens.access_token, { client_id: greedy.id });
    expect(answer).toMatchObject({ status: 400, body: { error: 'invalid_request' } });
  });

  it('does not work with what is no access token of ours, or not any more', async () => {
    const { header, claims, segments } = decodeToken(tokens.access_token);
    const own = ownSigner(app);
    const { tokens: ended } = await app.signedInUser();
    await app.http.post('/auth/logout', undefined, { token: ended.access_token });
    const bound = { ...claims, cnf: { jkt: 'A'.repeat(43) } };
    const attempts = {
      'a refresh token': tokens.refresh_token,
      'a client secret': orders.secret,
      'an altered one': `${segments[0]}.${segments[1]}.${segments[2].slice(0, -4)}AAAA`,
      'an unsigned one': `${Buffer.from('{"alg":"none","typ":"at+jwt"}').toString('base64url')}.${segments[1]}.`,
      'one of another type': forge({ ...header, typ: 'secevent+jwt' }, claims, own),
      'one of another issuer': forge(header, { ...claims, iss: 'https://evil.example' }, own),
      'an expired one': forge(header, { ...claims, iat: 1_000_000_000, exp: 1_000_000_600 }, own),
      'one that was signed out': ended.access_token,
      'one that is bound to a key': forge(header, bound, own),
    };
    // The signer is good: what is refused is refused for what it says.
    expect((await exchange(orders, forge(header, claims, own))).status).toBe(200);
    for (const [name, token] of Object.entries(attempts)) {
      const answer = await exchange(orders, token);
      expect({ name, status: answer.status }).toEqual({ name, status: 400 });
      refused(answer);
    }
  });

  it('survives no reduction of roles, although a clock that was ahead has minted it', async () => {
    const { user: owner, tokens: theirs } = await app.signedInUser({ roles: ['user', 'editor'] });
    app.clock.advance(30);
    const token = await exchanged(orders, theirs.access_token);
    app.clock.advance(-30);
    await app.http.patch(`/users/${owner.id}`, { roles: ['user'] }, { token: admin });
    expect((await app.http.get('/gateway/verify?aud=billing', { token })).status).toBe(401);
  });

  it('brings nothing that is dead at once: after a change of the client, a later token is due', async () => {
    const changed = await ServiceAccount.create(app, admin, {
      grant_types: [EXCHANGE],
      scopes: ['a', 'b'],
      audiences: ['billing'],
      served_audiences: ['api'],
    });
    const { tokens: theirs } = await app.signedInUser();
    await app.http.patch(`/clients/${changed.id}`, { scopes: ['a'] }, { token: admin });
    refused(await exchange(changed, theirs.access_token));
    app.clock.advance(4);
    const { refresh_token } = theirs;
    const later = (await app.http.post<TokenResponse>('/auth/refresh', { refresh_token })).body.access_token;
    const token = await exchanged(changed, later);
    expect((await app.http.get('/gateway/verify?aud=billing', { token })).status).toBe(200);
    app.clock.advance(-4);
  });

  const device = { userAgent: null, address: '127.0.0.1' };

  const ENDINGS: Record<string, (scene: { user: User; tokens: TokenResponse }) => Promise<{ status: number }>> = {
    'the user signs out': ({ tokens: { access_token: token } }) => app.http.post('/auth/logout', undefined, { token }),
    'the user signs out by OAuth': ({ tokens: { refresh_token } }) =>
      sendForm(app, '/oauth/revoke', { token: refresh_token, client_id: 'web' }),
    'the user is disabled': ({ user: { id } }) =>
      app.http.patch(`/users/${id}`, { status: 'disabled' }, { token: admin }),
    'the roles of the user are reduced': ({ user: { id } }) =>
      app.http.patch(`/users/${id}`, { roles: ['user'] }, { token: admin }),
  };

  it.each(Object.keys(ENDINGS))('survives nothing: %s at that moment', async (name) => {
    const race = async (round: number): Promise<number> => {
      const owner = await app.createUser({ password: undefined, roles: ['user', 'editor'] });
      const theirs = await signInAs(app, owner, device);
      const minted: string[] = [];
      const exchanges = new Tally();
      // Until it is refused, as one does who has not heard of it.
      const go = async () => {
        for (;;) {
          const { status, body } = await exchange(orders, theirs.access_token);
          expect([200, 400]).toContain(status);
          if (status !== 200) return;
          minted.push(body['access_token']!);
          exchanges.add();
        }
      };
      const end = async () => {
        await exchanges.reached(round % 8);
        expect([200, 204]).toContain((await ENDINGS[name]!({ user: owner, tokens: theirs })).status);
      };
      await Promise.all([go(), go(), end()]);
      for (const token of [...minted.slice(0, 2), ...minted.slice(-2)]) {
        expect((await app.http.get('/gateway/verify?aud=billing', { token })).status).toBe(401);
        const again = await exchange(greedy, token);
        refused(again);
      }
      refused(await exchange(orders, theirs.access_token));
      return minted.length;
    };
    const outcomes = [];
    for (let round = 0; round < ROUNDS; round += AT_ONCE) {
      outcomes.push(...(await Promise.all(Array.from({ length: AT_ONCE }, (_, index) => race(round + index)))));
    }
    expect(outcomes).toHaveLength(ROUNDS);
    // Wherever an exchange was awaited first, tokens had been made before the end.
    expect(outcomes.filter((minted) => minted > 0).length).toBeGreaterThanOrEqual((ROUNDS * 7) / 8);
  });
});
