import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TokenResponse } from '../../src/sessions/token.view.js';
import type { User } from '../../src/users/user.entity.js';
import {
  APPLICATION,
  expectAllRevoked,
  openChild,
  openParent,
  sessionIdsOf,
  type ClientSession,
} from '../support/client-sessions.js';
import { TestApp } from '../support/create-app.js';
import { decodeToken } from '../support/decode-token.js';
import { sendForm, ServiceAccount } from '../support/service-account.js';

let app: TestApp;
let admin: string;
let observer: ServiceAccount;
beforeAll(async () => {
  app = await TestApp.start({ RATE_LIMITS: 'false' });
  admin = (await app.signedInAdmin()).tokens.access_token;
  observer = await ServiceAccount.create(app, admin, { served_audiences: ['api', 'orders', 'stock'] });
});
afterAll(() => app.close());

const claimsOf = ({ access_token }: TokenResponse) => decodeToken(access_token).claims;
const person = () => app.createUser({ password: undefined });
const rowsOf = (userId: string) => sessionIdsOf(app, userId);
const refreshFirstParty = ({ refresh_token }: TokenResponse) =>
  app.http.post<TokenResponse & { code?: string }>('/auth/refresh', { refresh_token });
const expectRevoked = (sessions: readonly ClientSession[]) => expectAllRevoked(app, observer, sessions);

describe('a session of another client goes on', () => {
  let orders: ServiceAccount;
  let user: User;
  beforeAll(async () => {
    const scopes = ['orders:read', 'orders:write', 'stock:read'];
    orders = await ServiceAccount.create(app, admin, {
      ...APPLICATION,
      scopes,
      audiences: ['orders', 'stock'],
      token_ttl: 300,
    });
    user = await person();
  });
  const opened = async (): Promise<ClientSession> => {
    const parent = await openParent(app, user);
    const client = { id: orders.id, scopes: ['orders:read', 'orders:write'], audiences: ['orders'] };
    return (await openChild(app, user.id, parent.id, client))!;
  };
  const refresh = (refresh_token: string, form: Record<string, string> = {}, by = orders) =>
    by.send<TokenResponse & { error?: string }>('/oauth/token', {
      grant_type: 'refresh_token',
      refresh_token,
      ...form,
    });

  it('with its own id, scopes and audience, for as long as the client may have a token', async () => {
    const { id, tokens } = await opened();
    const stated = { client_id: orders.id, scope: 'orders:read orders:write', aud: 'orders', sub: user.id };
    expect(claimsOf(tokens)).toMatchObject(stated);
    const { status, body } = await refresh(tokens.refresh_token);
    expect(status).toBe(200);
    expect(claimsOf(body)).toMatchObject({ ...stated, sid: claimsOf(tokens)['sid'] });
    expect(body).toMatchObject({ scope: 'orders:read orders:write', expires_in: 300 });
    // And again by the replay of a token whose answer was lost.
    const replayed = await refresh(tokens.refresh_token);
    expect(replayed.body.refresh_token).toBe(body.refresh_token);
    expect(claimsOf(replayed.body)).toMatchObject(stated);
    expect(await rowsOf(user.id)).toContain(id);
  });

  it('with fewer scopes where it asks for fewer, and with all of them the next time', async () => {
    const { tokens } = await opened();
    const narrowed = await refresh(tokens.refresh_token, { scope: 'orders:read' });
    expect(narrowed).toMatchObject({ status: 200, body: { scope: 'orders:read' } });
    expect(claimsOf(narrowed.body)['scope']).toBe('orders:read');
    const whole = await refresh(narrowed.body.refresh_token);
    expect(claimsOf(whole.body)['scope']).toBe('orders:read orders:write');
  });

  it('never with more scopes, though the client may have them; the refresh token is not used up', async () => {
    const { tokens } = await opened();
    for (const scope of ['stock:read', 'orders:read stock:read', 'admin', 'orders:read  orders:write']) {
      expect(await refresh(tokens.refresh_token, { scope })).toMatchObject({
        status: 400,
        body: { error: 'invalid_scope' },
      });
    }
    const next = await refresh(tokens.refresh_token);
    expect(next.status).toBe(200);
    // Nor by a replay.
    const wider = await refresh(tokens.refresh_token, { scope: 'stock:read' });
    expect(wider).toMatchObject({ status: 400, body: { error: 'invalid_scope' } });
    // What was used up is theft, whatever it asks for.
    await refresh(next.body.refresh_token);
    const stale = await refresh(tokens.refresh_token, { scope: 'orders:read' });
    expect(stale).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
    expect((await refresh(next.body.refresh_token)).status).toBe(400);
  });

  it('never for another client, the first-party one included; that ends nothing', async () => {
    const { tokens } = await opened();
    const { refresh_token } = tokens;
    const other = await ServiceAccount.create(app, admin, {
      ...APPLICATION,
      scopes: ['orders:read'],
      audiences: ['orders'],
    });
    for (let round = 0; round < 2; round++) {
      const refused = { status: 400, body: { error: 'invalid_grant' } };
      expect(await refresh(refresh_token, {}, other)).toMatchObject(refused);
      expect(await sendForm(app, '/oauth/token', { grant_type: 'refresh_token', refresh_token })).toMatchObject(
        refused,
      );
      expect(await refreshFirstParty(tokens)).toMatchObject({ status: 401, body: { code: 'refresh_token_invalid' } });
      // The second time the token is the predecessor of another.
      expect((await refresh(refresh_token)).status).toBe(200);
    }
    const firstParty = await openParent(app, user);
    expect(await refresh(firstParty.tokens.refresh_token)).toMatchObject({
      status: 400,
      body: { error: 'invalid_grant' },
    });
    expect((await refreshFirstParty(firstParty.tokens)).status).toBe(200);
  });

  it('with what is left of it, where the client has lost a scope meanwhile; not at all once it is disabled', async () => {
    const client = await ServiceAccount.create(app, admin, {
      ...APPLICATION,
      scopes: ['a', 'b'],
      audiences: ['orders'],
    });
    const parent = await openParent(app, user);
    const asked = { id: client.id, scopes: ['a', 'b'], audiences: ['orders'] };
    const { tokens } = (await openChild(app, user.id, parent.id, asked))!;
    await app.http.patch(`/clients/${client.id}`, { scopes: ['a'] }, { token: admin });
    app.clock.advance(5);
    const next = await refresh(tokens.refresh_token, {}, client);
    expect(next).toMatchObject({ status: 200, body: { scope: 'a' } });
    expect(await refresh(next.body.refresh_token, { scope: 'b' }, client)).toMatchObject({ status: 400 });
    await app.http.patch(`/clients/${client.id}`, { status: 'disabled' }, { token: admin });
    expect((await refresh(next.body.refresh_token, {}, client)).status).toBe(401);
  });

  it('until its client revokes its token (RFC 7009), which no other client can', async () => {
    const { id, tokens } = await opened();
    const form = { token: tokens.refresh_token };
    expect(await sendForm(app, '/oauth/revoke', { ...form, client_id: 'web' })).toMatchObject({ status: 400 });
    expect(await rowsOf(user.id)).toContain(id);
    expect((await orders.send('/oauth/revoke', form)).status).toBe(200);
    expect(await rowsOf(user.id)).not.toContain(id);
    expect((await orders.send('/oauth/revoke', form)).status).toBe(200);
  });
});

describe('a client that people may not sign in to any more', () => {
  it('refreshes no session', async () => {
    const client = await ServiceAccount.create(app, admin, { ...APPLICATION, scopes: ['a'], audiences: ['orders'] });
    const { user } = await app.signedInUser();
    const parent = await openParent(app, user);
    const settings = { id: client.id, scopes: ['a'], audiences: ['orders'] };
    const child = await openChild(app, user.id, parent.id, settings);
    await app.http.patch(`/clients/${client.id}`, { grant_types: ['client_credentials'] }, { token: admin });
    const form = { grant_type: 'refresh_token', refresh_token: child!.tokens.refresh_token };
    expect((await client.send('/oauth/token', form)).body['error']).toBe('unauthorized_client');
  });
});

describe('an administrator revokes a client', () => {
  it('its sessions end, after counting them; those of others live, and its other tokens are refused', async () => {
    const [alice, bob] = [await person(), await person()];
    const client = await ServiceAccount.create(app, admin, {
      ...APPLICATION,
      scopes: ['orders:read'],
      audiences: ['api'],
    });
    const asked = { id: client.id, scopes: [], audiences: ['orders'] };
    const parents = [await openParent(app, alice), await openParent(app, bob)];
    const children = [];
    for (const [index, user] of [alice, bob, bob].entries())
      children.push((await openChild(app, user.id, parents[Math.min(index, 1)]!.id, asked))!);
    const stranger = (await openChild(app, bob.id, parents[1]!.id))!;
    const own = await client.token();
    const revoke = (body: object) => app.http.post('/revocations', { client_id: client.id, ...body }, { token: admin });
    expect(await revoke({ dry_run: true })).toMatchObject({ status: 200, body: { sessions: 3, users: 2 } });
    expect(await revoke({})).toMatchObject({ status: 200, body: { sessions: 3, users: 2 } });
    await expectRevoked(children);
    expect((await observer.send('/oauth/introspect', { token: own })).body).toEqual({ active: false });
    expect((await rowsOf(alice.id)).concat(await rowsOf(bob.id)).sort()).toEqual(
      [...parents, stranger].map(({ id }) => id).sort(),
    );
  });
});
