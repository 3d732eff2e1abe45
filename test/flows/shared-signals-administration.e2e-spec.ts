import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { StreamView } from '../../src/shared-signals/streams/streams.view.js';
import { TestApp } from '../support/create-app.js';
import {
  AUDIENCE,
  CREDENTIAL_CHANGE,
  POLL,
  PUSH,
  SESSION_REVOKED,
  SignalStreams,
  TOKEN_CLAIMS_CHANGE,
} from '../support/signal-streams.js';

const STREAMS = '/shared-signals/streams';
const NOBODY = '0199f3a0-5c1e-7c3a-9f64-2f6f3c1d8b7a';
const ENDPOINT = 'https://receiver.example.com/events';

describe('an administrator looks after the streams of shared signals', () => {
  let app: TestApp;
  let streams: SignalStreams;
  beforeAll(async () => {
    app = await TestApp.start({ RATE_LIMITS: 'false' });
    streams = new SignalStreams(app, (await app.signedInAdmin()).user.email);
  });
  afterAll(() => app.close());
  afterEach(() => app.dataSource.query('DELETE FROM signal_streams'));

  const post = async (body: object) => app.http.post<StreamView>(STREAMS, body, await streams.admin());
  const put = async (body: object) => app.http.send<StreamView>('PUT', STREAMS, { body, ...(await streams.admin()) });
  const patch = async (body: object) => app.http.patch<StreamView>(STREAMS, body, await streams.admin());
  const read = async (id: string) => app.http.get<StreamView>(`${STREAMS}?stream_id=${id}`, await streams.admin());

  it('finds where by the metadata', async () => {
    const { status, headers, body } = await app.http.get('/.well-known/ssf-configuration');
    expect(status).toBe(200);
    expect(headers.get('access-control-allow-origin')).toBe('*');
    expect(body).toEqual({
      spec_version: '1_0',
      issuer: 'http://localhost:3000',
      jwks_uri: 'http://localhost:3000/.well-known/jwks.json',
      delivery_methods_supported: [PUSH, POLL],
      configuration_endpoint: 'http://localhost:3000/shared-signals/streams',
      status_endpoint: 'http://localhost:3000/shared-signals/status',
      verification_endpoint: 'http://localhost:3000/shared-signals/verification',
      authorization_schemes: [{ spec_urn: 'urn:ietf:rfc:6749' }, { spec_urn: 'urn:ietf:rfc:6750' }],
      default_subjects: 'ALL',
    });
  });

  it('creates, reads, lists and deletes them', async () => {
    const list = async () => (await app.http.get<StreamView[]>(STREAMS, await streams.admin())).body;
    expect(await list()).toEqual([]);
    const delivery = { method: PUSH, endpoint_url: ENDPOINT, authorization_header: 'Bearer secret' };
    const requested = [SESSION_REVOKED, 'urn:example:unknown'];
    const created = await post({ aud: AUDIENCE, delivery, events_requested: requested, description: 'Billing' });
    expect(created.status).toBe(201);
    expect(created.body).toEqual({
      stream_id: expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
      iss: 'http://localhost:3000',
      aud: AUDIENCE,
      delivery: { method: PUSH, endpoint_url: ENDPOINT },
      signing_alg: 'ES256',
      events_supported: [SESSION_REVOKED, TOKEN_CLAIMS_CHANGE, CREDENTIAL_CHANGE],
      events_requested: requested,
      events_delivered: [SESSION_REVOKED],
      description: 'Billing',
      min_verification_interval: 10,
      dropped_events: 0,
    });
    const second = (await post({})).body;
    expect(second.aud).toBe(second.stream_id);
    expect(second.events_delivered).toEqual([SESSION_REVOKED, TOKEN_CLAIMS_CHANGE, CREDENTIAL_CHANGE]);
    const id = created.body.stream_id;
    expect((await read(id)).body).toEqual(created.body);
    expect((await list()).map(({ stream_id }) => stream_id)).toEqual([id, second.stream_id]);
    await streams.delete(second);
    expect(await list()).toEqual([created.body]);
    expect((await read(second.stream_id)).status).toBe(404);
  });

  it('changes what is given, and nothing else', async () => {
    const { body: before } = await post({ delivery: { method: PUSH, endpoint_url: ENDPOINT }, description: 'Billing' });
    const { stream_id } = before;
    expect((await patch({ stream_id, description: 'Payroll' })).body).toEqual({ ...before, description: 'Payroll' });
    expect((await patch({ stream_id, description: null })).body).not.toHaveProperty('description');
    const { body } = await patch({ stream_id, delivery: { method: PUSH, endpoint_url: `${ENDPOINT}/2` } });
    expect(body.delivery).toEqual({ method: PUSH, endpoint_url: `${ENDPOINT}/2` });
    expect(body.events_requested).toEqual(before.events_requested);
  });

  it('may repeat what is not theirs to say, as SSF allows, and may not change it', async () => {
    const { body: before } = await post({ aud: AUDIENCE, delivery: { method: PUSH, endpoint_url: ENDPOINT } });
    expect(await patch({ ...before, description: 'same' })).toMatchObject({ status: 200 });
    for (const change of [
      { iss: 'https://evil.example' },
      { aud: 'https://evil.example' },
      { aud: [AUDIENCE] },
      { events_supported: [] },
      { events_delivered: [SESSION_REVOKED] },
      { min_verification_interval: 0 },
    ]) {
      const answer = await patch({ stream_id: before.stream_id, description: 'no', ...change });
      expect(answer).toMatchObject({ status: 400, body: { errors: [{ field: Object.keys(change)[0] }] } });
    }
    expect((await read(before.stream_id)).body.description).toBe('same');
  });

  it.each([
    { delivery: { method: 'urn:ietf:rfc:0000' } },
    { delivery: { method: PUSH } },
    { delivery: { endpoint_url: ENDPOINT } },
    { delivery: { method: POLL, authorization_header: 'Bearer mine' } },
    { delivery: 'push' },
    { delivery: null },
    { events_requested: [] },
    { events_requested: SESSION_REVOKED },
    { events_requested: [1] },
    { description: 7 },
    { aud: '' },
    { aud: ['a'] },
  ])('creates none of %j', async (settings) => {
    expect(await post(settings)).toMatchObject({ status: 400, body: { code: 'invalid_request' } });
    expect(await app.dataSource.query('SELECT 1 FROM signal_streams')).toEqual([]);
  });

  it('replaces all: what is absent is as in a new stream', async () => {
    const push = { method: PUSH, endpoint_url: ENDPOINT };
    const { body: before } = await post({
      delivery: push,
      description: 'Billing',
      events_requested: [SESSION_REVOKED],
    });
    const { stream_id, events_supported } = before;
    const moved = { method: PUSH, endpoint_url: `${ENDPOINT}/2` };
    const replaced = await put({ stream_id, delivery: moved, events_requested: [TOKEN_CLAIMS_CHANGE] });
    expect(replaced.status).toBe(200);
    const { description: _, ...rest } = before;
    const changed = {
      delivery: moved,
      events_requested: [TOKEN_CLAIMS_CHANGE],
      events_delivered: [TOKEN_CLAIMS_CHANGE],
    };
    expect(replaced.body).toEqual({ ...rest, ...changed });
    expect((await put({ ...replaced.body, description: 'Payroll' })).body).toEqual({
      ...replaced.body,
      description: 'Payroll',
    });
    const { body } = await put({ stream_id });
    expect(body).toMatchObject({ delivery: { method: POLL }, events_requested: events_supported });
    expect(body).not.toHaveProperty('description');
    expect(await put({ stream_id, iss: 'https://evil.example' })).toMatchObject({ status: 400 });
    expect(await put({ stream_id: NOBODY })).toMatchObject({ status: 404 });
    expect(await put({})).toMatchObject({ status: 400 });
    expect((await app.http.send('PUT', STREAMS, { body: { stream_id: NOBODY } })).status).toBe(401);
  });

  it('ignores what it does not know, as other versions of SSF may send it', async () => {
    const delivery = { method: PUSH, endpoint_url: ENDPOINT, format: 'jwt' };
    const created = await post({ delivery, inactivity_timeout: 60, status: 'disabled', stream_id: NOBODY });
    expect(created.status).toBe(201);
    const { stream_id } = created.body;
    expect(stream_id).not.toBe(NOBODY);
    expect(created.body.delivery).toEqual({ method: PUSH, endpoint_url: ENDPOINT });
    for (const call of [patch, put]) {
      expect(await call({ stream_id, delivery, format: 'jwt' })).toMatchObject({ status: 200 });
    }
    const admin = await streams.admin();
    const status = await app.http.post('/shared-signals/status', { stream_id, status: 'paused', subject: {} }, admin);
    expect(status.status).toBe(200);
    const verified = await app.http.post('/shared-signals/verification', { stream_id, subject: {} }, admin);
    expect(verified.status).toBe(204);
    expect((await app.http.get(`${STREAMS}?stream_id=${stream_id}&verbose=1`, admin)).status).toBe(200);
  });

  it('may name an endpoint for a stream that is polled, and gets ours', async () => {
    const { status, body } = await post({ delivery: { method: POLL, endpoint_url: ENDPOINT } });
    expect(status).toBe(201);
    expect(body.delivery.endpoint_url).toBe(`http://localhost:3000${STREAMS}/${body.stream_id}/poll`);
  });

  it('gets 404 for a stream that is not there, however its id is written', async () => {
    const calls = (stream_id: string) => [
      read(stream_id),
      patch({ stream_id, description: 'x' }),
      put({ stream_id, description: 'x' }),
      streams.admin().then((admin) => app.http.delete(`${STREAMS}?stream_id=${stream_id}`, admin)),
      streams.admin().then((admin) => app.http.get(`/shared-signals/status?stream_id=${stream_id}`, admin)),
      streams.admin().then((admin) => app.http.post('/shared-signals/status', { stream_id, status: 'paused' }, admin)),
      streams.admin().then((admin) => app.http.post('/shared-signals/verification', { stream_id }, admin)),
    ];
    for (const id of [NOBODY, 'nobody', '', `${NOBODY}0`, NOBODY.replaceAll('-', ''), '%00']) {
      for (const answer of await Promise.all(calls(id))) expect([id, answer.status]).toEqual([id, 404]);
    }
  });

  it('gets no more than a hundred', async () => {
    await app.dataSource.query(
      `INSERT INTO signal_streams (id, audience, method, poll_secret_hash, events_requested, next_push_at, created_at, updated_at)
       SELECT gen_random_uuid(), 'a', 'poll', '', '{}', now(), now(), now() FROM generate_series(1, 99)`,
    );
    expect((await post({})).status).toBe(201);
    expect(await post({})).toMatchObject({ status: 409, body: { code: 'too_many_streams' } });
  });
});
