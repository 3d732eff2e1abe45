import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { DomainEvent } from '../../src/platform/events/domain-event.js';
import { RecordedChange } from '../../src/platform/events/recorded-change.js';
import { TransactionalEvents } from '../../src/platform/events/transactional-events.js';
import { KeyRotationService } from '../../src/keys/key-rotation.service.js';
import { BY_TEST } from '../support/cause.js';
import { PASSWORD, TestApp } from '../support/create-app.js';
import { sendForm, ServiceAccount } from '../support/service-account.js';

const ID = { headers: { 'x-request-id': 'request-of-the-test' } };
const ANONYMOUS = { kind: 'anonymous', id: null };

describe('an event says who caused it, from where and in which request', () => {
  let app: TestApp;
  let admin: { id: string; token: string };
  const events: DomainEvent[] = [];
  beforeAll(async () => {
    app = await TestApp.start({ RATE_LIMITS: 'false', REFRESH_REPLAY_WINDOW: '0' });
    const { user, tokens } = await app.signedInAdmin();
    admin = { id: user.id, token: tokens.access_token };
    // Those that others act on: changes that are merely recorded are in audit.e2e-spec.ts.
    app.app.get(TransactionalEvents).on(DomainEvent, async (event) => {
      if (!(event instanceof RecordedChange)) events.push(event);
    });
  });
  afterAll(() => app.close());
  beforeEach(() => void (events.length = 0));

  /** What the events say of their cause: each the same, for they come from one request. */
  function cause() {
    expect(events.length).toBeGreaterThan(0);
    const [first] = events;
    for (const { actor, cause: each, at } of events) {
      expect({ actor, address: each.address, id: each.requestId }).toEqual({
        actor: first!.actor,
        address: first!.cause.address,
        id: first!.cause.requestId,
      });
      expect(Math.abs(at.getTime() - app.clock.now())).toBeLessThan(60_000);
    }
    const { actor, cause: context } = first!;
    const { address, requestId, client, session, onBehalfOf } = context;
    return { actor, address, requestId, client, session, onBehalfOf };
  }
  const names = () => events.map((event) => event.constructor.name);
  const fromHere = { address: '127.0.0.1', requestId: 'request-of-the-test', onBehalfOf: null };
  const person = () => app.signedInUser({ roles: ['user', 'approver'] });

  it('an administrator who takes a role away', async () => {
    const { user } = await person();
    await app.http.patch(`/users/${user.id}`, { roles: ['user'] }, { token: admin.token, ...ID });
    expect(names()).toEqual(['UserRolesReduced']);
    const { session, ...others } = cause();
    expect(others).toEqual({ ...fromHere, actor: { kind: 'user', id: admin.id }, client: 'web' });
    expect(session).toMatch(/^[\w-]{22}$/);
  });

  it('a service that deletes a user', async () => {
    const { user } = await person();
    const account = await ServiceAccount.create(app, admin.token, { scopes: ['users:write'] });
    const token = await account.token({ scope: 'users:write' });
    const { status } = await app.http.delete(`/users/${user.id}`, { token, ...ID });
    expect(status).toBe(204);
    expect(names()).toEqual(['UserAccessEnded', 'SessionsEnded']);
    const actor = { kind: 'client', id: account.id };
    expect(cause()).toEqual({ ...fromHere, actor, client: account.id, session: null });
  });

  it('a user who signs out by access token, on a public route', async () => {
    const { user, tokens } = await person();
    await app.http.post('/auth/logout', undefined, { token: tokens.access_token, ...ID });
    expect(names()).toEqual(['SessionsEnded']);
    expect(cause()).toMatchObject({ ...fromHere, actor: { kind: 'user', id: user.id }, client: 'web' });
  });

  it('whoever holds a refresh token, who has not been authenticated', async () => {
    const { tokens } = await person();
    await app.http.post('/auth/logout', { refresh_token: tokens.refresh_token }, ID);
    expect(names()).toEqual(['SessionsEnded']);
    expect(cause()).toEqual({ ...fromHere, actor: ANONYMOUS, client: null, session: null });
  });

  it('whoever names the public client, which proves nothing', async () => {
    const { tokens } = await person();
    await sendForm(app, '/oauth/revoke', { token: tokens.refresh_token, client_id: 'web' }, ID.headers);
    expect(names()).toEqual(['SessionsEnded']);
    expect(cause()).toMatchObject({ ...fromHere, actor: ANONYMOUS });
  });

  it('whoever uses a refresh token twice, by both protocols', async () => {
    for (const refresh of [
      (token: string) => app.http.post('/auth/refresh', { refresh_token: token }, ID),
      (token: string) =>
        sendForm(
          app,
          '/oauth/token',
          { grant_type: 'refresh_token', refresh_token: token, client_id: 'web' },
          ID.headers,
        ),
    ]) {
      const { tokens } = await person();
      expect((await refresh(tokens.refresh_token)).status).toBe(200);
      events.length = 0;
      expect((await refresh(tokens.refresh_token)).status).not.toBe(200);
      expect(events).toMatchObject([{ reason: 'refresh_token_reused' }]);
      expect(cause()).toMatchObject({ ...fromHere, actor: ANONYMOUS });
    }
  });

  it('a user who replaces a temporary password at the login', async () => {
    const { user } = await person();
    const temporary = 'a temporary and good one';
    await app.http.send('PUT', `/users/${user.id}/password`, { token: admin.token, body: { password: temporary } });
    expect(cause().actor).toEqual({ kind: 'user', id: admin.id });
    events.length = 0;
    const login = { email: user.email, password: temporary, new_password: PASSWORD };
    expect((await app.http.post('/auth/login', login, ID)).status).toBe(200);
    expect(names()).toEqual(['UserPasswordChanged']);
    expect(cause()).toMatchObject({ ...fromHere, actor: { kind: 'user', id: user.id } });
  });

  it('a command, without any request', async () => {
    await app.app.get(KeyRotationService).replace(BY_TEST);
    expect(names()).toEqual(['SigningKeyRevoked']);
    const actor = { kind: 'system', id: 'command_line' };
    expect(cause()).toEqual({
      actor,
      address: null,
      requestId: null,
      client: null,
      session: null,
      onBehalfOf: null,
    });
  });
});
