import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { StreamView } from '../../src/shared-signals/streams/streams.view.js';
import { PASSWORD, TestApp } from '../support/create-app.js';
import { setVerifier, SignalReceiver, type ReceivedSet } from '../support/signal-receiver.js';
import {
  AUDIENCE,
  CREDENTIAL_CHANGE,
  eventOf,
  PUSH,
  SESSION_REVOKED,
  sessionsIn,
  sidOf,
  SignalStreams,
  TOKEN_CLAIMS_CHANGE,
  typeOf,
  VERIFICATION,
} from '../support/signal-streams.js';
import { soon } from './service-process.js';

const ISSUER = 'http://localhost:3000';

describe('a receiver of shared signals', () => {
  let app: TestApp;
  let streams: SignalStreams;
  let receiver: SignalReceiver;
  let stream: StreamView;
  beforeAll(async () => {
    app = await TestApp.start({ RATE_LIMITS: 'false', LOG_LEVEL: 'warn' });
    streams = new SignalStreams(app, (await app.signedInAdmin()).user.email);
  });
  afterAll(() => app.close());
  beforeEach(async () => {
    app.logLines.length = 0;
    receiver = await SignalReceiver.start(setVerifier(app.http.baseUrl, () => AUDIENCE));
    const delivery = { method: PUSH, endpoint_url: receiver.url, authorization_header: 'Bearer let-me-in' };
    stream = await streams.create({ delivery });
  });
  afterEach(async () => {
    await streams.delete(stream);
    await receiver.stop();
    expect(receiver.faults).toEqual([]);
  });

  const receives = (count: number) => soon(() => Promise.resolve(receiver.received.length >= count));
  const isDone = () => soon(async () => (await streams.waiting()) === 0);

  it('hears of two logouts, each with its session, its user, its time and its reason', async () => {
    const before = app.clock.seconds();
    const { user, tokens } = await app.signedInUser();
    const second = await app.login(user.email);
    for (const { access_token: token } of [tokens, second]) await app.http.post('/auth/logout', undefined, { token });
    expect(await receives(2)).toBe(true);
    const expected = [tokens, second].map(({ access_token }) => ({
      sub_id: {
        format: 'complex',
        user: { format: 'iss_sub', iss: ISSUER, sub: user.id },
        session: { format: 'opaque', id: sidOf(access_token) },
      },
      events: { [SESSION_REVOKED]: { initiating_entity: 'user', reason_admin: { en: 'The user signed out' } } },
    }));
    expect(receiver.received).toMatchObject(expected);
    const [first, other] = receiver.received as [ReceivedSet, ReceivedSet];
    expect(first.jti).not.toBe(other.jti);
    for (const set of [first, other]) {
      // SSF 1.0 section 4.1.2, 4.1.6.
      expect(set).not.toHaveProperty('sub');
      expect(set).not.toHaveProperty('exp');
      const at = eventOf(set)['event_timestamp'] as number;
      expect(at).toBeGreaterThanOrEqual(before);
      expect(at).toBeLessThanOrEqual(app.clock.seconds());
    }
    expect(receiver.requests[0]).toMatchObject({
      method: 'POST',
      url: '/events',
      headers: {
        authorization: 'Bearer let-me-in',
        'content-type': 'application/secevent+jwt',
        accept: 'application/json',
      },
    });
    expect(await isDone()).toBe(true);
  });

  it('hears that roles were reduced, and which are left', async () => {
    const { user } = await app.signedInUser({ roles: ['user', 'editor'] });
    await streams.setRoles(user.id, ['user']);
    expect(await receives(1)).toBe(true);
    expect(receiver.received).toMatchObject([
      {
        sub_id: { format: 'iss_sub', iss: ISSUER, sub: user.id },
        events: { [TOKEN_CLAIMS_CHANGE]: { claims: { roles: ['user'] }, initiating_entity: 'admin' } },
      },
    ]);
  });

  it('hears that a password was changed, beside the sessions that ended with it', async () => {
    const { user, tokens } = await app.signedInUser();
    const other = await app.login(user.email);
    const change = { current_password: PASSWORD, new_password: 'another horse battery staple' };
    const { status } = await app.http.post('/auth/password', change, { token: tokens.access_token });
    expect(status).toBe(204);
    expect(await receives(2)).toBe(true);
    expect(receiver.received).toMatchObject([
      {
        sub_id: { format: 'iss_sub', iss: ISSUER, sub: user.id },
        events: {
          [CREDENTIAL_CHANGE]: { credential_type: 'password', change_type: 'update', initiating_entity: 'user' },
        },
      },
      { sub_id: { session: { id: sidOf(other.access_token) } } },
    ]);
    expect(await isDone()).toBe(true);
    const wrong = { current_password: PASSWORD, new_password: 'a third horse battery staple' };
    expect((await app.http.post('/auth/password', wrong, { token: tokens.access_token })).status).toBe(403);
    expect(await streams.waiting()).toBe(0);
  });

  it('keeps the header that it is sent when its configuration is sent back as it was read', async () => {
    const path = '/shared-signals/streams';
    const { body } = await app.http.get<StreamView>(`${path}?stream_id=${stream.stream_id}`, await streams.admin());
    expect(body.delivery).not.toHaveProperty('authorization_header');
    for (const [index, method] of ['PATCH', 'PUT'].entries()) {
      const answer = await app.http.send(method, path, { body, ...(await streams.admin()) });
      expect(answer).toMatchObject({ status: 200, body });
      await streams.logout();
      expect(await receives(index + 1)).toBe(true);
    }
    // Only where it is said, or elsewhere: another address was not trusted with it.
    for (const delivery of [
      { ...body.delivery, authorization_header: null },
      { ...body.delivery, endpoint_url: `${receiver.url}/2` },
    ]) {
      const restored = { ...body.delivery, authorization_header: 'Bearer let-me-in' };
      for (const changed of [restored, delivery]) {
        const changes = { stream_id: stream.stream_id, delivery: changed };
        expect((await app.http.patch(path, changes, await streams.admin())).status).toBe(200);
      }
      const before = receiver.received.length;
      await streams.logout();
      expect(await receives(before + 1)).toBe(true);
    }
    const sent = receiver.requests.map(({ headers }) => headers.authorization);
    expect(sent).toEqual(['Bearer let-me-in', 'Bearer let-me-in', undefined, undefined]);
  });

  it('hears of one cause by one transaction id', async () => {
    const { user, tokens } = await app.signedInUser();
    await app.login(user.email);
    await app.http.patch(`/users/${user.id}`, { status: 'disabled' }, await streams.admin());
    expect(await receives(2)).toBe(true);
    expect(sessionsIn(receiver.received)).toContain(sidOf(tokens.access_token));
    expect(receiver.received.map((set) => eventOf(set)['initiating_entity'])).toEqual(['admin', 'admin']);
    await streams.logout();
    expect(await receives(3)).toBe(true);
    const [one, same, other] = receiver.received.map(({ txn }) => txn);
    expect(one).toBe(same);
    expect(other).not.toBe(one);
    expect(new Set(receiver.received.map(({ jti }) => jti)).size).toBe(3);
  });

  it('hears nothing of what was undone', async () => {
    const { user } = await app.signedInAdmin();
    await app.dataSource.query(`CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
      $$ BEGIN RAISE EXCEPTION 'undone'; END $$`);
    await app.dataSource.query('CREATE TRIGGER refuse BEFORE INSERT ON revocations EXECUTE FUNCTION refuse()');
    try {
      expect((await app.http.delete(`/users/${user.id}/sessions`, await streams.admin())).status).toBe(500);
    } finally {
      await app.dataSource.query('DROP FUNCTION refuse CASCADE');
    }
    expect(await streams.waiting()).toBe(0);
    const sid = await streams.logout();
    expect(await receives(1)).toBe(true);
    expect(sessionsIn(receiver.received)).toEqual([sid]);
  });

  it('gets the types that it has asked for alone', async () => {
    const changes = { stream_id: stream.stream_id, events_requested: [TOKEN_CLAIMS_CHANGE, 'urn:example:unknown'] };
    const { body } = await app.http.patch<StreamView>('/shared-signals/streams', changes, await streams.admin());
    expect(body.events_delivered).toEqual([TOKEN_CLAIMS_CHANGE]);
    await streams.logout();
    const { user } = await app.signedInUser({ roles: ['user', 'editor'] });
    await streams.setRoles(user.id, []);
    expect(await receives(1)).toBe(true);
    expect(receiver.received.map(typeOf)).toEqual([TOKEN_CLAIMS_CHANGE]);
    expect(await isDone()).toBe(true);
  });

  it('can have itself verified, now and then', async () => {
    const verify = async () =>
      app.http.post(
        '/shared-signals/verification',
        { stream_id: stream.stream_id, state: 'VGhpcw' },
        await streams.admin(),
      );
    expect((await verify()).status).toBe(204);
    const again = await verify();
    expect(again).toMatchObject({ status: 429, body: { code: 'rate_limited' } });
    expect(Number(again.headers.get('retry-after'))).toBeLessThanOrEqual(10);
    expect(await receives(1)).toBe(true);
    expect(receiver.received).toMatchObject([
      { sub_id: { format: 'opaque', id: stream.stream_id }, events: { [VERIFICATION]: { state: 'VGhpcw' } } },
    ]);
    app.clock.advance(10);
    expect((await verify()).status).toBe(204);
  });
});
