import dns from 'node:dns';
import type { ServerResponse } from 'node:http';
import { syncBuiltinESMExports } from 'node:module';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { ClientKey } from '../support/client-key.js';
import { TestApp } from '../support/create-app.js';
import { KeyPublisher } from '../support/key-publisher.js';
import { Listener } from '../support/listener.js';
import { sendForm, ServiceAccount } from '../support/service-account.js';

const AUTH = 'https://auth.example.com';

describe('leading the service into the network behind it by jwks_uri', () => {
  let app: TestApp;
  let admin: string;
  let inside: Listener;
  let key: ClientKey;
  beforeAll(async () => {
    app = await TestApp.start({ NODE_ENV: 'production', PUBLIC_URL: AUTH, LOG_LEVEL: 'warn' });
    admin = await app.adminToken();
    inside = await Listener.start();
    key = await ClientKey.generate();
  });
  afterAll(async () => {
    await app.close();
    await inside.stop();
  });
  const { lookup } = dns;
  afterEach(() => {
    dns.lookup = lookup;
    syncBuiltinESMExports();
  });

  it.each([
    'https://127.0.0.1/jwks.json',
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
    'http://keys.example.com/',
    'http://localhost/',
    'http://127.0.0.1/',
    'ftp://keys.example.com/',
    'file:///etc/passwd',
    'data:application/json,{"keys":[]}',
    'https://user:secret@keys.example.com/',
    'https://keys.example.com/#x',
    '//keys.example.com/',
    'keys.example.com',
    'https://',
  ])('not by %s', async (jwks_uri) => {
    const refusal = { status: 400, body: { errors: [{ field: 'jwks_uri', code: 'target' }] } };
    expect(await app.http.post('/clients', { name: 'x', jwks_uri }, { token: admin })).toMatchObject(refusal);
    const { id } = await ServiceAccount.create(app, admin);
    expect(await app.http.patch(`/clients/${id}`, { jwks_uri }, { token: admin })).toMatchObject(refusal);
  });

  /** What a client with keys there is answered. */
  async function ask(host: string): Promise<number> {
    const { id } = await ServiceAccount.create(app, admin, { jwks_uri: `https://${host}:${inside.port}/jwks.json` });
    return (await sendForm(app, '/oauth/token', await key.form(id, { aud: AUTH }))).status;
  }
  const refusals = () => app.logLines.filter((line) => line.includes('must lead to a public address')).length;

  it.each(['localhost', 'LocalHost', 'LOCALHOST.'])('not by the name %s', async (host) => {
    const before = refusals();
    expect(await ask(host)).toBe(503);
    if (!host.endsWith('.')) expect(refusals()).toBe(before + 1);
    expect(inside.sockets).toHaveLength(0);
  });

  let names = 0;
  it.each([
    ['there', ['127.0.0.1']],
    ['there as well', ['93.184.216.34', '127.0.0.1']],
    ['there by IPv6', ['::1']],
    ['there in disguise', ['::ffff:127.0.0.1']],
    ['to the metadata of a cloud', ['169.254.169.254']],
  ])('not by a name that leads %s, and is asked once', async (_, addresses) => {
    let lookups = 0;
    const stub = (_name: string, _options: object, callback: (error: null, found: object[]) => void) => {
      lookups += 1;
      callback(
        null,
        addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
      );
    };
    const before = refusals();
    dns.lookup = stub as unknown as typeof dns.lookup;
    syncBuiltinESMExports();
    expect(await ask(`rebinding${++names}.example.com`)).toBe(503);
    // What was judged is what is connected to: there is no second answer that could differ.
    expect(lookups).toBe(1);
    expect(refusals()).toBe(before + 1);
    expect(inside.sockets).toHaveLength(0);
  });
});

describe('answers of a jwks_uri that are no keys', () => {
  let app: TestApp;
  let admin: string;
  let publisher: KeyPublisher;
  let inside: Listener;
  let key: ClientKey;
  beforeAll(async () => {
    app = await TestApp.start({ RATE_LIMITS: 'false' });
    admin = await app.adminToken();
    [publisher, inside] = [await KeyPublisher.start(), await Listener.start()];
    key = await ClientKey.generate();
    publisher.keys = [key.jwk];
  });
  afterAll(async () => {
    await app.close();
    await publisher.stop();
    await inside.stop();
  });

  let clients = 0;
  async function ask(answer: KeyPublisher['answer']): Promise<number> {
    publisher.answer = answer;
    const { id } = await ServiceAccount.create(app, admin, { jwks_uri: `${publisher.url}?${++clients}` });
    return (await sendForm(app, '/oauth/token', await key.form(id))).status;
  }
  const json = { 'content-type': 'application/json' };
  const set = (extra: object = {}) => JSON.stringify({ keys: [key.jwk], ...extra });

  it('are told from keys', async () => {
    expect(await ask(null)).toBe(200);
    expect(await ask((response) => response.writeHead(200, json).end(set({ more: 'x'.repeat(60_000) })))).toBe(200);
  });

  it.each<[string, (response: ServerResponse) => unknown]>([
    ['huge', (response) => response.writeHead(200, json).end(set({ more: 'x'.repeat(70_000) }))],
    ['of another type', (response) => response.writeHead(200, { 'content-type': 'text/html' }).end(set())],
    ['of no type', (response) => response.writeHead(200).end(set())],
    ['not JSON', (response) => response.writeHead(200, json).end('keys')],
    ['no set', (response) => response.writeHead(200, json).end('{"keys":{}}')],
    ['an error with keys', (response) => response.writeHead(500, json).end(set())],
    ['created', (response) => response.writeHead(201, json).end(set())],
    ['cut off', (response) => void response.writeHead(200, { ...json, 'content-length': '9999' }).write(set())],
  ])('%s: say nothing about the client', async (name, answer) => {
    const cut = (response: ServerResponse) => {
      answer(response);
      if (name === 'cut off') setImmediate(() => response.destroy());
    };
    expect(await ask(cut)).toBe(503);
  });

  it.each([301, 302, 307, 308])('a redirect with %i is not followed', async (status) => {
    const location = `http://127.0.0.1:${inside.port}/jwks.json`;
    expect(await ask((response) => response.writeHead(status, { ...json, location }).end(set()))).toBe(503);
    expect(inside.sockets).toHaveLength(0);
  });

  it('endless: are left before they are over', async () => {
    let sent = 0;
    const closed = new Promise<void>((resolve) => {
      void ask((response) => {
        response.writeHead(200, json).on('close', resolve);
        const more = () => {
          for (let piece = 0; piece < 8; piece++) sent += 1_024;
          if (!response.destroyed) response.write(' '.repeat(8_192), () => setImmediate(more));
        };
        more();
      });
    });
    await closed;
    expect(sent).toBeLessThan(64 * 1024 * 1024);
  });

  it('slow: are left after some seconds, and hold nobody else up', async () => {
    const closed = Promise.withResolvers<string>();
    const slow = ask((response) => {
      const timer = setInterval(() => response.write(' '), 200);
      response.writeHead(200, json).on('close', () => {
        clearInterval(timer);
        closed.resolve('left');
      });
    });
    const account = await ServiceAccount.create(app, admin);
    expect((await account.send('/oauth/token', { grant_type: 'client_credentials' })).status).toBe(200);
    expect(await slow).toBe(503);
    expect(await closed.promise).toBe('left');
  });
});
