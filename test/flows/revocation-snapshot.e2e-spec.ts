import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { RevocationService } from '../../src/revocation/revocation.service.js';
import { askRaw } from '../attacks/raw-http.js';
import { TestApp } from '../support/create-app.js';
import { fingerprintOf, verifiedSnapshot } from '../support/feed-reader.js';

const PATH = '/revocations/snapshot';
const PLAIN = { 'accept-encoding': 'identity' };

describe('a verifier polls the snapshot of revocations', () => {
  let app: TestApp;
  beforeAll(async () => {
    // The last signature may be a second old: no second passes but where a test lets it.
    vi.useFakeTimers({ toFake: ['Date', 'performance'] });
    app = await TestApp.start({ RATE_LIMITS: 'false', CORS_ORIGINS: 'https://app.example' });
  });
  afterAll(async () => {
    vi.useRealTimers();
    await app.close();
  });

  const pass = async (milliseconds: number) => {
    vi.advanceTimersByTime(milliseconds);
    await app.app.get(RevocationService).catchUp();
  };

  const logOut = async (): Promise<string> => {
    const { access_token: token } = (await app.signedInUser()).tokens;
    await app.http.post('/auth/logout', undefined, { token });
    return token;
  };
  const read = (headers: Record<string, string> = {}) => app.http.get(PATH, { headers });

  it('and finds all that is revoked, signed, soon after it happened', async () => {
    await read();
    const tokens = [await logOut(), await logOut()];
    await pass(1_000);
    const { status, headers, text } = await read();
    expect(status).toBe(200);
    expect(headers.get('content-type')).toBe('application/jose');
    const { iss, iat, fingerprints, sessions } = await verifiedSnapshot(app.http.baseUrl, text);
    expect(iss).toBe('http://localhost:3000');
    for (const token of tokens) expect(fingerprints).toContain(fingerprintOf(token));
    expect(sessions.reduce((sum, [, count]) => sum + count, 0)).toBe(fingerprints.length);
    expect(iat).toBe(Date.now() / 1000);
  });

  it('from anywhere, and from a cache for five seconds', async () => {
    const { headers } = await read({ origin: 'https://somewhere.example' });
    expect(headers.get('access-control-allow-origin')).toBe('*');
    expect(headers.get('cache-control')).toBe('public, max-age=5');
    expect(headers.get('vary')).toMatch(/(^|, )Accept-Encoding$/);
  });

  it('compressed where it likes, under an entity tag of its own', async () => {
    const answer = await askRaw(app.http.baseUrl, 'GET', PATH, ['Accept-Encoding: gzip']);
    expect(answer.head).toMatch(/^content-encoding: gzip\r?$/im);
    const gzipped = gunzipSync(Buffer.from(answer.body, 'latin1')).toString();
    await verifiedSnapshot(app.http.baseUrl, gzipped);
    const plain = await askRaw(app.http.baseUrl, 'GET', PATH, ['Accept-Encoding: gzip;q=0']);
    expect(plain.head).not.toMatch(/content-encoding/i);
    await verifiedSnapshot(app.http.baseUrl, plain.body);
    const tagOf = (head: string) => /^etag: (.+?)\r?$/im.exec(head)![1];
    expect(tagOf(answer.head)).toMatch(/^"[\w-]{22}-gzip"$/);
    expect(tagOf(plain.head)).toMatch(/^"[\w-]{22}"$/);
  });

  it('without its body where nothing has changed, and never with an old time', async () => {
    const known = await read(PLAIN);
    const again = await read({ ...PLAIN, 'if-none-match': known.headers.get('etag')! });
    expect(again).toMatchObject({ status: 304, text: '' });
    expect(again.headers.get('etag')).toBe(known.headers.get('etag'));
    expect(again.headers.get('cache-control')).toBe('public, max-age=5');

    await pass(1_000);
    const later = await read({ ...PLAIN, 'if-none-match': known.headers.get('etag')! });
    expect(later.status).toBe(200);
    const [before, after] = await Promise.all(
      [known, later].map(({ text }) => verifiedSnapshot(app.http.baseUrl, text)),
    );
    expect(after!.iat).toBeGreaterThan(before!.iat);
    expect(after!.seq).toBe(before!.seq);
  });

  it('signed once, however many ask at the same time', async () => {
    const answers = await Promise.all(Array.from({ length: 50 }, () => read()));
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
  });
});
