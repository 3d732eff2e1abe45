import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { StreamView } from '../../src/shared-signals/streams/streams.view.js';
import { StreamsService } from '../../src/shared-signals/streams/streams.service.js';
import { TestApp } from '../support/create-app.js';
import { ServiceAccount } from '../support/service-account.js';
import { setVerifier, SignalReceiver, type ReceivedSet } from '../support/signal-receiver.js';
import { AUDIENCE, POLL, PUSH, SESSION_REVOKED, sessionsIn, SignalStreams } from '../support/signal-streams.js';
import { EXCHANGE, exchanged } from '../support/token-exchange.js';
import { soon } from './service-process.js';

const STREAMS = '/shared-signals/streams';
const STATUS = '/shared-signals/status';
const VERIFICATION = '/shared-signals/verification';
const NOBODY = '0199f3a0-5c1e-7c3a-9f64-2f6f3c1d8b7a';
const BOTH = ['ssf.manage', 'ssf.read'];

describe('a service account receives shared signals', () => {
  let app: TestApp;
  let streams: SignalStreams;
  let admin: string;
  let account: ServiceAccount;
  let other: ServiceAccount;
  let token: string;
  beforeAll(async () => {
    app = await TestApp.start({ RATE_LIMITS: 'false', LOG_LEVEL: 'warn' });
    const { user, tokens } = await app.signedInAdmin();
    admin = tokens.access_token;
    streams = new SignalStreams(app, user.email);
    account = await ServiceAccount.create(app, admin, { name: 'Security', scopes: BOTH });
    other = await ServiceAccount.create(app, admin, { name: 'Billing', scopes: BOTH });
    token = await account.token();
  });
  afterAll(() => app.close());
  afterEach(() => app.dataSource.query('DELETE FROM signal_streams'));

  const create = async (settings: object = {}, by = token): Promise<StreamView> => {
    const { status, body } = await app.http.post<StreamView>(STREAMS, settings, { token: by });
    expect(status).toBe(201);
    return body;
  };
  const poll = ({ stream_id }: Pick<StreamView, 'stream_id'>, by: string, body: object = { returnImmediately: true }) =>
    app.http.post<{ sets: Record<string, string> }>(`${STREAMS}/${stream_id}/poll`, body, { token: by });
  const read = (answer: { body: { sets: Record<string, string> } }): Promise<ReceivedSet[]> =>
    Promise.all(Object.values(answer.body.sets).map(setVerifier(app.http.baseUrl, () => account.id)));

  it('which the metadata says it can do by OAuth', async () => {
    const { body } = await app.http.get<{ authorization_schemes: object[] }>('/.well-known/ssf-configuration');
    expect(body.authorization_schemes).toContainEqual({ spec_urn: 'urn:ietf:rfc:6749' });
  });

  it('in streams that it looks after itself, whose audience it is', async () => {
    const stream = await create({ events_requested: [SESSION_REVOKED] });
    const { stream_id } = stream;
    expect(stream.aud).toBe(account.id);
    const shown = { ...stream, delivery: { method: POLL, endpoint_url: stream.delivery.endpoint_url } };
    expect((await app.http.get(STREAMS, { token })).body).toEqual([shown]);
    expect((await app.http.get(`${STREAMS}?stream_id=${stream_id}`, { token })).body).toEqual(shown);
    const changed = await app.http.patch<StreamView>(STREAMS, { stream_id, description: 'Ours' }, { token });
    expect(changed.body).toEqual({ ...shown, description: 'Ours' });
    const replaced = await app.http.send('PUT', STREAMS, { body: { ...shown }, token });
    expect(replaced).toMatchObject({ status: 200, body: shown });
    expect((await app.http.post(STATUS, { stream_id, status: 'paused' }, { token })).status).toBe(200);
    expect((await app.http.get(`${STATUS}?stream_id=${stream_id}`, { token })).body).toMatchObject({
      status: 'paused',
    });
    expect((await app.http.post(VERIFICATION, { stream_id }, { token })).status).toBe(204);
    expect((await app.http.delete(`${STREAMS}?stream_id=${stream_id}`, { token })).status).toBe(204);
    expect((await app.http.get(STREAMS, { token })).body).toEqual([]);
  });

  it('whose audience it cannot choose', async () => {
    const answer = await app.http.post(STREAMS, { aud: other.id }, { token });
    expect(answer).toMatchObject({ status: 400, body: { errors: [{ field: 'aud' }] } });
    await create({ aud: account.id });
  });

  it('and polls with its access token as well as with the secret', async () => {
    const stream = await create();
    const sid = await streams.logout();
    const byToken = await poll(stream, token);
    expect(sessionsIn(await read(byToken))).toEqual([sid]);
    const headers = { authorization: stream.delivery.authorization_header! };
    const bySecret = await app.http.post<{ sets: object }>(
      `${STREAMS}/${stream.stream_id}/poll`,
      { returnImmediately: true },
      { headers },
    );
    expect(Object.keys(bySecret.body.sets)).toEqual(Object.keys(byToken.body.sets));
    const reader = await account.token({ scope: 'ssf.read' });
    const acknowledged = await poll(stream, reader, { returnImmediately: true, ack: Object.keys(byToken.body.sets) });
    expect(acknowledged.body).toEqual({ sets: {} });
  });

  it('but sees nothing of the streams of others', async () => {
    const theirs = await create({}, await other.token());
    const made = await streams.create({});
    await streams.logout();
    for (const { stream_id } of [theirs, made, { stream_id: NOBODY }]) {
      const attempts = [
        app.http.get(`${STREAMS}?stream_id=${stream_id}`, { token }),
        app.http.patch(STREAMS, { stream_id, description: 'x' }, { token }),
        app.http.send('PUT', STREAMS, { body: { stream_id, delivery: { method: POLL } }, token }),
        app.http.delete(`${STREAMS}?stream_id=${stream_id}`, { token }),
        app.http.get(`${STATUS}?stream_id=${stream_id}`, { token }),
        app.http.post(STATUS, { stream_id, status: 'disabled' }, { token }),
        app.http.post(VERIFICATION, { stream_id }, { token }),
        poll({ stream_id }, token),
      ];
      for (const answer of await Promise.all(attempts)) {
        expect(answer).toMatchObject({ status: 404, body: { code: 'not_found' } });
      }
    }
    expect((await app.http.get(STREAMS, { token })).body).toEqual([]);
    expect(await streams.waiting()).toBe(2);
    const all = (await app.http.get<StreamView[]>(STREAMS, await streams.admin())).body;
    expect(all.map(({ stream_id }) => stream_id)).toEqual([theirs.stream_id, made.stream_id]);
  });

  it('may no more than its token says', async () => {
    const { stream_id } = await create();
    const reader = await account.token({ scope: 'ssf.read' });
    expect((await app.http.get(`${STREAMS}?stream_id=${stream_id}`, { token: reader })).status).toBe(200);
    expect((await app.http.get(`${STATUS}?stream_id=${stream_id}`, { token: reader })).status).toBe(200);
    const manager = await account.token({ scope: 'ssf.manage' });
    expect((await app.http.get(STREAMS, { token: manager })).status).toBe(200);
    const orders = await ServiceAccount.create(app, admin, { scopes: ['orders:read'] });
    for (const insufficient of [reader, await orders.token()]) {
      const attempts = [
        app.http.post(STREAMS, {}, { token: insufficient }),
        app.http.patch(STREAMS, { stream_id }, { token: insufficient }),
        app.http.send('PUT', STREAMS, { body: { stream_id }, token: insufficient }),
        app.http.delete(`${STREAMS}?stream_id=${stream_id}`, { token: insufficient }),
        app.http.post(STATUS, { stream_id, status: 'paused' }, { token: insufficient }),
        app.http.post(VERIFICATION, { stream_id }, { token: insufficient }),
      ];
      for (const answer of await Promise.all(attempts)) expect(answer.status).toBe(403);
    }
    expect((await app.http.get(STREAMS, { token: await orders.token() })).status).toBe(403);
    expect((await poll({ stream_id }, await orders.token())).status).toBe(403);
  });

  it('has none where it acts for a user, and users have none', async () => {
    const { tokens } = await app.signedInUser();
    const agent = await ServiceAccount.create(app, admin, {
      scopes: BOTH,
      grant_types: [EXCHANGE],
      served_audiences: ['api'],
    });
    const delegated = await exchanged(agent, tokens.access_token, { scope: 'ssf.manage' });
    const { stream_id } = await create();
    for (const by of [delegated, tokens.access_token]) {
      expect((await app.http.post(STREAMS, {}, { token: by })).status).toBe(403);
      expect((await app.http.get(STREAMS, { token: by })).status).toBe(403);
      expect((await poll({ stream_id }, by)).status).toBe(403);
    }
  });

  it('has ten streams at most', async () => {
    const answers = await Promise.all(Array.from({ length: 30 }, () => app.http.post(STREAMS, {}, { token })));
    const statuses = answers.map(({ status }) => status);
    expect(statuses.filter((status) => status === 201)).toHaveLength(10);
    expect(statuses.filter((status) => status === 409)).toHaveLength(20);
    await create({}, await other.token());
  });

  describe('until it is', () => {
    let receiver: SignalReceiver;
    let leaving: ServiceAccount;
    let stream: StreamView;
    const open = async (delivery: object): Promise<void> => {
      leaving = await ServiceAccount.create(app, admin, { scopes: BOTH });
      receiver = await SignalReceiver.start(setVerifier(app.http.baseUrl, () => leaving.id));
      stream = await create({ delivery: { ...delivery, endpoint_url: receiver.url } }, await leaving.token());
    };
    afterEach(() => receiver.stop());
    const receives = (count: number) => soon(() => Promise.resolve(receiver.received.length >= count));
    const change = async (changes: object) => {
      const path = `/clients/${leaving.id}`;
      expect((await app.http.patch(path, changes, await streams.admin())).status).toBe(200);
    };

    it.each([
      ['disabled', { status: 'disabled' }, { status: 'active' }],
      ['no longer given the scope', { scopes: ['orders:read'] }, { scopes: ['ssf.read'] }],
    ])('%s: what happens meanwhile waits', async (_, away, back) => {
      await open({ method: PUSH });
      // Another stream tells when this one had its turn.
      const witness = await SignalReceiver.start(setVerifier(app.http.baseUrl, () => AUDIENCE));
      await streams.create({ delivery: { method: PUSH, endpoint_url: witness.url } });
      const first = await streams.logout();
      expect(await receives(1)).toBe(true);
      await change(away);
      const second = await streams.logout();
      expect(await soon(() => Promise.resolve(witness.received.length >= 2))).toBe(true);
      expect(receiver.received).toHaveLength(1);
      await change(back);
      const third = await streams.logout();
      expect(await receives(3)).toBe(true);
      expect(sessionsIn(receiver.received).sort()).toEqual([first, second, third].sort());
      await witness.stop();
    });

    it('disabled, also where it polls by the secret', async () => {
      await open({ method: POLL });
      await streams.logout();
      await change({ status: 'disabled' });
      const headers = { authorization: stream.delivery.authorization_header! };
      const answer = await app.http.post(
        `${STREAMS}/${stream.stream_id}/poll`,
        { returnImmediately: true },
        { headers },
      );
      expect(answer.body).toEqual({ sets: {} });
    });

    it('deleted: its streams go with it', async () => {
      await open({ method: PUSH });
      expect((await app.http.delete(`/clients/${leaving.id}`, await streams.admin())).status).toBe(204);
      await streams.logout();
      // Disabled first, then gone.
      for (let sweep = 0; sweep < 2; sweep++) await app.app.get(StreamsService).deleteOrphans();
      expect(await app.dataSource.query('SELECT 1 FROM signal_streams')).toEqual([]);
      expect(receiver.requests).toEqual([]);
    });
  });
});
