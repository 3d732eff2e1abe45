import {
  compactVerify,
  createRemoteJWKSet,
  customFetch,
  decodeJwt,
  decodeProtectedHeader,
  jwtVerify,
  type JWTPayload,
} from 'jose';
import { afterEach, describe, expect, it } from 'vitest';
import { createTestIssuer, type TestIssuer, type TestToken } from './index.js';

let issuer: TestIssuer;
afterEach(() => issuer.close());

const seconds = () => Math.floor(issuer.now() / 1000);

/** Verifies a token by another implementation. */
async function verified(token: string, typ = 'at+jwt'): Promise<JWTPayload> {
  const { url, audience, verifierOptions } = issuer;
  const jwks = createRemoteJWKSet(new URL(`${url}/.well-known/jwks.json`), { [customFetch]: verifierOptions.fetch });
  const expected = { issuer: url, audience, typ, currentDate: new Date(issuer.now()), algorithms: ['ES256'] };
  return (await jwtVerify(token, jwks, expected)).payload;
}

/** Yields the events of a stream, parsed. */
async function* eventsOf(body: ReadableStream<Uint8Array>) {
  for await (const piece of body.pipeThrough(new TextDecoderStream()) as unknown as AsyncIterable<string>) {
    for (const event of piece.split('\n\n').filter(Boolean)) {
      yield Object.fromEntries(event.split('\n').map((line) => line.split(':'))) as Record<string, string>;
    }
  }
}

async function open(query = '', init: RequestInit = {}) {
  const response = await issuer.verifierOptions.fetch(`${issuer.url}/revocations/stream${query}`, init);
  expect(response.headers.get('content-type')).toBe('text/event-stream');
  return eventsOf(response.body!);
}

/** Returns the claims of a frame after verifying its signature. */
async function claimsOf(jws: string | undefined, typ = 'rev+jwt'): Promise<Record<string, unknown>> {
  const { url, verifierOptions } = issuer;
  const jwks = createRemoteJWKSet(new URL(`${url}/.well-known/jwks.json`), { [customFetch]: verifierOptions.fetch });
  const { payload, protectedHeader } = await compactVerify(jws!, jwks);
  expect(Object.keys(protectedHeader)).toEqual(['alg', 'typ', 'kid']);
  expect(protectedHeader.typ).toBe(typ);
  return JSON.parse(Buffer.from(payload).toString('latin1').split('\n')[0]!) as Record<string, unknown>;
}

describe('a token of the test issuer', () => {
  it('has the header and the claims of production', async () => {
    issuer = createTestIssuer();
    const token = issuer.token();
    expect(JSON.stringify(decodeProtectedHeader(token))).toMatch(
      /^\{"alg":"ES256","typ":"at\+jwt","kid":"[\w-]{8}"\}$/,
    );
    const claims = await verified(token);
    expect(Object.keys(claims)).toEqual('iss sub aud exp iat jti client_id sid roles email'.split(' '));
    expect(claims).toMatchObject({ iss: 'https://auth.test', aud: 'api', client_id: 'web', roles: ['user'] });
    expect(claims.sub).toMatch(/^[\da-f]{8}-[\da-f]{4}-7[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/);
    expect(claims.sid).toMatch(/^[\w-]{21}[AQgw]$/);
    expect(claims.jti).toMatch(/^[\w-]{12}$/);
    expect(claims.exp! - claims.iat!).toBe(600);
  });

  it('states what a test wants', async () => {
    issuer = createTestIssuer({ issuer: 'https://id.example.com/auth', audience: 'shop' });
    const session = issuer.newSession();
    const wanted: TestToken = { subject: 'alice', session, client: 'app', roles: ['admin'], scopes: ['a', 'b'] };
    const claims = await verified(issuer.token({ ...wanted, email: null, expiresIn: 60, claims: { jti: 'mine' } }));
    const stated = { sub: 'alice', sid: session, client_id: 'app', roles: ['admin'], scope: 'a b', jti: 'mine' };
    const { iat } = claims;
    expect(claims).toEqual({ ...stated, iss: issuer.url, aud: 'shop', iat, exp: iat! + 60 });
    expect(issuer.url).toBe('https://id.example.com/auth');
    expect(() => issuer.token({ session: 'my session' })).toThrow(TypeError);
  });

  it('follows the clock and the key', async () => {
    issuer = createTestIssuer();
    const [before, first] = [seconds(), issuer.token()];
    await issuer.advance(100);
    const claims = await verified(issuer.token());
    expect(claims.iat).toBeGreaterThanOrEqual(before + 100);
    await issuer.rotateKey();
    const second = issuer.token();
    expect(decodeProtectedHeader(second).kid).not.toBe(decodeProtectedHeader(first).kid);
    await issuer.rotateKey({ emergency: true });
    await expect(verified(second)).rejects.toThrow('no applicable key');
    await expect(verified(first)).resolves.toBeDefined();
    await expect(issuer.advance(-1)).rejects.toThrow(RangeError);
  });
});

describe('the feed of the test issuer', () => {
  it('begins with hello and a snapshot', async () => {
    issuer = createTestIssuer();
    const token = issuer.token();
    const { sid } = await verified(token);
    await issuer.revokeSession(token);
    await issuer.revokeUser('alice');
    const events = await open('?nonce=abc');
    const hello = (await events.next()).value!;
    expect(hello).toMatchObject({ event: 'hello', data: expect.any(String) as string });
    const time = expect.any(Number) as number;
    expect(await claimsOf(hello.data)).toEqual({ iat: time, now: time, seq: 2, n: 0, nonce: 'abc' });
    const snapshot = (await events.next()).value!;
    expect(snapshot).toMatchObject({ event: 'snapshot', id: '2' });
    const state = await claimsOf(snapshot.data, 'rev-snapshot+jwt');
    expect(state).toMatchObject({ iss: issuer.url, seq: 2, users: { alice: expect.any(Number) as number } });
    expect((state.sessions as number[][]).map(([, count]) => count)).toEqual([1]);
    const payload = Buffer.from(snapshot.data!.split('.')[1]!, 'base64url');
    expect(payload.subarray(payload.indexOf('\n') + 1)).toEqual(Buffer.from(sid as string, 'base64url').subarray(-7));
  });

  it.each(['?from=9', '?from=x'])('begins with a snapshot where it cannot go on: %s', async (query) => {
    issuer = createTestIssuer();
    await issuer.revokeAll();
    const events = await open(query);
    await events.next();
    expect((await events.next()).value).toMatchObject({ event: 'snapshot', id: '1' });
  });

  it('goes on where a reader has stopped, and tells what happens', async () => {
    issuer = createTestIssuer();
    const session = issuer.newSession();
    await issuer.revokeClient('shop');
    await issuer.revokeSession(session);
    const events = await open('', { headers: { 'last-event-id': '1' } });
    expect((await events.next()).value).toMatchObject({ event: 'hello' });
    const frame = (await events.next()).value!;
    expect(frame.id).toBe('2');
    const claims = await claimsOf(frame.data);
    expect(claims).toMatchObject({ seq: 2, n: 1 });
    expect(Object.values(claims.sessions as object)).toEqual([session.slice(-10)]);
    expect(claims).not.toHaveProperty('clients');

    const at = seconds();
    await issuer.revokeAll();
    expect(await claimsOf((await events.next()).value!.data)).toMatchObject({ seq: 3, n: 1, all: at });
    // A token minted right after an epoch is newer than it.
    expect((await verified(issuer.token())).iat).toBeGreaterThan(at);
    await issuer.advance(5);
    expect(await claimsOf((await events.next()).value!.data)).toEqual({
      iat: expect.any(Number) as number,
      seq: 3,
      n: 0,
    });
    const { kid } = issuer.signingKey;
    await issuer.rotateKey({ emergency: true });
    const farewell = decodeJwt((await events.next()).value!.data!);
    expect(farewell).toMatchObject({ seq: 4, n: 1, keys: { [kid]: expect.any(Number) as number } });
  });

  it('forgets what can no longer concern anybody', async () => {
    issuer = createTestIssuer();
    await issuer.revokeSession(issuer.newSession());
    const snapshot = async () => {
      const response = await issuer.verifierOptions.fetch(`${issuer.url}/revocations/snapshot`);
      return claimsOf(await response.text(), 'rev-snapshot+jwt');
    };
    expect((await snapshot()).sessions).toHaveLength(1);
    await issuer.advance(3700);
    expect(await snapshot()).toMatchObject({ seq: 1, sessions: [] });
  });

  it('ends, breaks and comes back at the will of the test', async () => {
    issuer = createTestIssuer();
    const first = await open();
    expect(issuer.connectedVerifiers).toBe(1);
    await issuer.dropStreams();
    const rest = [];
    for await (const event of first) rest.push(event.event);
    expect(rest).toEqual(['hello', 'snapshot']);
    expect(issuer.connectedVerifiers).toBe(0);
    await issuer.goDown();
    await expect(open()).rejects.toThrow('fetch failed');
    issuer.comeBack();
    const aborter = new AbortController();
    const second = await open('', { signal: aborter.signal });
    await second.next();
    aborter.abort(new Error('enough'));
    await expect(second.next().then(() => second.next())).rejects.toThrow('enough');
    expect(issuer.connectedVerifiers).toBe(0);
  });
});

describe('the test issuer on the loopback interface', () => {
  it('serves other processes what it serves this one', async () => {
    issuer = createTestIssuer();
    const url = await issuer.listen();
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect((await verified(issuer.token())).iss).toBe(url);
    const jwks = await fetch(`${url}/.well-known/jwks.json`);
    const etag = jwks.headers.get('etag')!;
    const again = await fetch(`${url}/.well-known/jwks.json`, { headers: { 'if-none-match': etag } });
    expect([jwks.status, again.status]).toEqual([200, 304]);
    expect((await fetch(`${url}/nothing`)).status).toBe(404);

    const stream = await fetch(`${url}/revocations/stream?from=0`);
    const events = eventsOf(stream.body!);
    expect((await events.next()).value).toMatchObject({ event: 'hello' });
    await issuer.revokeUser('alice');
    expect(await claimsOf((await events.next()).value!.data)).toMatchObject({ seq: 1, n: 1 });
    await issuer.close();
    expect((await events.next()).done).toBe(true);
    await expect(fetch(url)).rejects.toThrow('fetch failed');
  });

  it('breaks connections while it is down', async () => {
    issuer = createTestIssuer();
    const url = await issuer.listen();
    await issuer.goDown();
    await expect(fetch(`${url}/.well-known/jwks.json`)).rejects.toThrow('fetch failed');
    issuer.comeBack();
    expect((await fetch(`${url}/.well-known/jwks.json`)).status).toBe(200);
  });
});
