import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { StreamView } from '../../src/shared-signals/streams/streams.view.js';
import { TestApp } from '../support/create-app.js';
import { Listener } from '../support/listener.js';
import { PUSH, SignalStreams } from '../support/signal-streams.js';
import { soon } from '../flows/service-process.js';

const STREAMS = '/shared-signals/streams';

describe('leading the sender of shared signals into the network behind it', () => {
  let app: TestApp;
  let streams: SignalStreams;
  let inside: Listener;
  beforeAll(async () => {
    const production = { NODE_ENV: 'production', PUBLIC_URL: 'https://auth.example.com', LOG_LEVEL: 'warn' };
    app = await TestApp.start(production);
    streams = new SignalStreams(app, (await app.signedInAdmin()).user.email);
    inside = await Listener.start();
  });
  afterAll(async () => {
    await app.close();
    await inside.stop();
  });

  it.each([
    'https://127.0.0.1/',
    'https://127.1/',
    'https://2130706433/',
    'https://0x7f000001/',
    'https://0177.0.0.1/',
    'https://0/',
    'https://１２７.0.0.1/',
    'https://127。0。0。1/',
    'https://%31%32%37.0.0.1/',
    'https://[::1]/',
    'https://[::]/',
    'https://[::ffff:127.0.0.1]/',
    'https://[::ffff:7f00:1]/',
    'https://[64:ff9b::7f00:1]/',
    'https://[2002:7f00:1::]/',
    'https://[fd00:ec2::254]/',
    'https://[fe80::1]/',
    'https://169.254.169.254/latest/meta-data/',
    'https://10.0.0.1/',
    'https://172.16.0.1/',
    'https://192.168.1.1/',
    'https://100.100.100.200/',
    'http://receiver.example.com/',
    'http://localhost/',
    'http://127.0.0.1/',
    'ftp://receiver.example.com/',
    'file:///etc/passwd',
    'data:text/plain,x',
    'https://user:secret@receiver.example.com/',
    'https://receiver.example.com/#x',
    '//receiver.example.com/',
    'receiver.example.com',
    'https://',
    '',
  ])('not by %s', async (endpoint_url) => {
    const delivery = { method: PUSH, endpoint_url };
    const created = await app.http.post(STREAMS, { delivery }, await admin());
    expect(created).toMatchObject({ status: 400, body: { code: 'invalid_request' } });
  });

  it('not by changing a stream that is there', async () => {
    const { stream_id } = await streams.create();
    const delivery = { method: PUSH, endpoint_url: 'https://127.0.0.1/' };
    const changed = await app.http.patch(STREAMS, { stream_id, delivery }, await admin());
    expect(changed).toMatchObject({ status: 400, body: { errors: [{ field: 'delivery/endpoint_url' }] } });
  });

  it('not by a name that leads there', async () => {
    const endpoints = ['localhost', 'LocalHost', 'LOCALHOST'].map((host) => `https://${host}:${inside.port}/events`);
    const made: StreamView[] = [];
    for (const endpoint_url of endpoints) made.push(await streams.create({ delivery: { method: PUSH, endpoint_url } }));
    await streams.logout();
    const failures = () => app.logLines.filter((line) => line.includes('signals_push_failed'));
    expect(await soon(() => Promise.resolve(failures().length >= endpoints.length))).toBe(true);
    for (const line of failures()) expect(line).toContain('must lead to a public address');
    expect(inside.sockets).toHaveLength(0);
    for (const stream of made) await streams.delete(stream);
  });

  // Logins are limited in production.
  let token: { token: string } | undefined;
  const admin = async () => (token ??= await streams.admin());
});
