import { getListFromStatusListJWT, getStatusListFromJWT } from '@sd-jwt/jwt-status-list';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { KeyRotationService } from '../../src/keys/key-rotation.service.js';
import { RevocationService } from '../../src/revocation/revocation.service.js';
import type { TokenResponse } from '../../src/sessions/token.view.js';
import { BY_TEST } from '../support/cause.js';
import { decodeToken } from '../support/decode-token.js';
import type { Answer } from '../support/http-client.js';
import { TestApp } from '../support/create-app.js';
import { soon } from './service-process.js';

const LIST_SIZE = 2 ** 17;
const METADATA = ['/.well-known/openid-configuration', '/.well-known/oauth-authorization-server'];

interface ListClaims {
  sub: string;
  iat: number;
  exp: number;
  ttl: number;
  status_list: { bits: number; lst: string };
}
const claimsOf = (token: string): ListClaims => decodeToken<ListClaims>(token).claims;

describe('a verifier that knows Token Status Lists', () => {
  let app: TestApp;
  beforeAll(async () => void (app = await TestApp.start({ RATE_LIMITS: 'false', TOKEN_STATUS: 'true' })));
  afterAll(() => app.close());

  const fetchList = async (uri: string, headers: Record<string, string> = {}): Promise<Answer> =>
    app.http.get(new URL(uri).pathname, { headers });

  /** By the independent decoder: 0 is valid, 1 is not. */
  const statusOf = async ({ access_token }: TokenResponse): Promise<number> => {
    const { idx, uri } = getStatusListFromJWT(access_token);
    const { status, text } = await fetchList(uri);
    expect(status).toBe(200);
    expect(claimsOf(text).sub).toBe(uri);
    return getListFromStatusListJWT(text).getStatus(idx);
  };
  const becomes = (tokens: TokenResponse, status: number) => soon(async () => (await statusOf(tokens)) === status);

  /** Seconds go by, and the service has looked what happened meanwhile. */
  const pass = async (seconds: number) => {
    app.clock.advance(seconds);
    await app.app.get(RevocationService).catchUp();
  };
  const setNextIndex = (index: number) => app.dataSource.query(`SELECT setval('session_status_index', ${index - 1})`);

  it('finds in the access token where its status stands, the same after a refresh', async () => {
    const { tokens } = await app.signedInUser();
    const reference = getStatusListFromJWT(tokens.access_token);
    expect(reference.uri).toBe('http://localhost:3000/status-lists/0');
    expect((await app.http.get('/auth/me', { token: tokens.access_token })).status).toBe(200);
    const { refresh_token } = tokens;
    const { body } = await app.http.post<TokenResponse>('/auth/refresh', { refresh_token });
    expect(getStatusListFromJWT(body.access_token)).toEqual(reference);
    const other = await app.signedInUser();
    expect(getStatusListFromJWT(other.tokens.access_token)).not.toEqual(reference);
  });

  it('reads a logout there within moments, and of no other session', async () => {
    const { user, tokens } = await app.signedInUser();
    const before = await app.signedInUser();
    const sameUser = await app.login(user.email);
    for (const each of [tokens, before.tokens, sameUser]) expect(await statusOf(each)).toBe(0);
    await app.http.post('/auth/logout', undefined, { token: tokens.access_token });
    expect(await becomes(tokens, 1)).toBe(true);
    for (const each of [before.tokens, sameUser]) expect(await statusOf(each)).toBe(0);
    const revoked = getListFromStatusListJWT((await fetchList('http://x/status-lists/0')).text).statusList;
    expect(revoked.length).toBe(LIST_SIZE);
    expect(revoked.filter((bit) => bit === 1)).toHaveLength(1);
  });

  it('reads there what ended at once with very many others, in whichever list they stand', async () => {
    const { tokens: admin } = await app.signedInAdmin();
    const { user, tokens } = await app.signedInUser();
    const bystander = await app.signedInUser();
    await setNextIndex(LIST_SIZE - 500);
    await app.dataSource.query(
      `INSERT INTO sessions (id, user_id, secret_hash, created_at, rotated_at, expires_at)
       SELECT gen_random_uuid(), $1, '', now(), now(), now() + interval '1 day' FROM generate_series(1, 1001)`,
      [user.id],
    );
    const inNextList = await app.login(user.email);
    expect(getStatusListFromJWT(inNextList.access_token).uri).toMatch(/\/1$/);
    const ended = await app.http.delete(`/users/${user.id}/sessions`, { token: admin.access_token });
    expect(ended.body).toEqual({ ended: 1003 });
    const kinds = await app.dataSource.query('SELECT kind, cardinality(status_indexes) AS n FROM revocation_epochs');
    expect(kinds).toEqual([{ kind: 'all', n: 1003 }]);
    expect(await becomes(tokens, 1)).toBe(true);
    expect(await becomes(inNextList, 1)).toBe(true);
    expect(await statusOf(bystander.tokens)).toBe(0);
    const bits = getListFromStatusListJWT((await fetchList('http://x/status-lists/0')).text).statusList;
    expect(bits.slice(LIST_SIZE - 500)).toEqual(Array(500).fill(1));
  });

  it('gets a list that the JWKS verifies, of the form that the specification asks for', async () => {
    const { status, headers, text } = await fetchList('http://x/status-lists/0');
    expect(status).toBe(200);
    expect(headers.get('content-type')).toBe('application/statuslist+jwt');
    expect(headers.get('access-control-allow-origin')).toBe('*');
    const jwks = createRemoteJWKSet(new URL(`${app.http.baseUrl}/.well-known/jwks.json`));
    const { payload } = await jwtVerify<ListClaims>(text, jwks, {
      typ: 'statuslist+jwt',
      issuer: 'http://localhost:3000',
      subject: 'http://localhost:3000/status-lists/0',
      requiredClaims: ['iat', 'exp', 'ttl'],
      currentDate: new Date(app.clock.now()),
    });
    expect(payload.status_list).toMatchObject({ bits: 1, aggregation_uri: 'http://localhost:3000/status-lists' });
    expect(headers.get('cache-control')).toBe(`public, max-age=${payload.ttl}`);
    // Signed last when it was as old as its ttl, kept by a cache for that long, and then by the verifier.
    expect(payload.exp - payload.iat).toBeGreaterThan(3 * payload.ttl);
  });

  it('asks again cheaply, until something changes', async () => {
    const { tokens } = await app.signedInUser();
    await statusOf(tokens);
    const { uri } = getStatusListFromJWT(tokens.access_token);
    const first = await fetchList(uri);
    const etag = first.headers.get('etag')!;
    // Elsewhere something changes, and what this list says does not.
    const { user: reduced } = await app.signedInAdmin();
    const { tokens: admin } = await app.signedInAdmin();
    const { status } = await app.http.patch(`/users/${reduced.id}`, { roles: ['user'] }, { token: admin.access_token });
    expect(status).toBe(200);
    const again = await fetchList(uri, { 'if-none-match': etag });
    expect(again).toMatchObject({ status: 304, text: '' });
    expect(again.headers.get('etag')).toBe(etag);
    expect((await fetchList(uri)).text).toBe(first.text);

    await app.http.post('/auth/logout', undefined, { token: tokens.access_token });
    expect(await soon(async () => (await fetchList(uri, { 'if-none-match': etag })).status === 200)).toBe(true);
  });

  it('and a list that is as old as its ttl, or whose key is gone, is signed anew', async () => {
    const list = async () => (await fetchList('http://x/status-lists/0')).text;
    await pass(31);
    const first = await list();
    await pass(20);
    expect(await list()).toBe(first);
    await pass(11);
    const second = await list();
    expect(claimsOf(second).iat).toBeGreaterThan(claimsOf(first).iat + 29);
    await app.app.get(KeyRotationService).replace(BY_TEST);
    expect((await list()).split('.')[0]).not.toBe(second.split('.')[0]);
  });

  it('finds all lists', async () => {
    const lists = ['http://localhost:3000/status-lists/0', 'http://localhost:3000/status-lists/1'];
    const { status, headers, body } = await app.http.get('/status-lists');
    expect([status, body]).toEqual([200, { status_lists: lists }]);
    expect(headers.get('content-type')).toMatch(/^application\/json/);
    expect(headers.get('access-control-allow-origin')).toBe('*');
    for (const path of METADATA) {
      const metadata = await app.http.get(path);
      expect(metadata.body).toMatchObject({
        status_list_aggregation_endpoint: 'http://localhost:3000/status-lists',
      });
    }
    for (const uri of lists) expect((await fetchList(uri)).status).toBe(200);
  });

  it.each(['2', '16384', '99999', '131072', '-1', '00', '01', '0x0', '1e0', '0.0', '%30%30', 'a', '%20'])(
    'there is no list %s',
    async (n) => expect((await app.http.get(`/status-lists/${n}`)).status).toBe(404),
  );

  it('reads nothing any more of what has expired anyway', async () => {
    const { tokens } = await app.signedInUser();
    await app.http.post('/auth/logout', undefined, { token: tokens.access_token });
    expect(await becomes(tokens, 1)).toBe(true);
    await pass(13 * 60);
    expect(await becomes(tokens, 0)).toBe(true);
    for (const list of [0, 1]) {
      const { text } = await fetchList(`http://x/status-lists/${list}`);
      expect(getListFromStatusListJWT(text).statusList).not.toContain(1);
    }
  });

  it('gets none that is older than its life, where revocations are not known', async () => {
    const { status } = await fetchList('http://x/status-lists/0');
    app.clock.advance(200);
    const answers = await Promise.all([1, 2, 3].map(() => fetchList('http://x/status-lists/0')));
    const now = app.clock.seconds();
    expect(status).toBe(200);
    for (const answer of answers) {
      if (answer.status === 200) expect(claimsOf(answer.text).exp).toBeGreaterThan(now);
      else expect(answer).toMatchObject({ status: 503, body: { code: 'unavailable' } });
    }
  });

  it('meets tokens of sessions older than the lists without a status', async () => {
    const { user, tokens } = await app.signedInUser();
    await app.dataSource.query('UPDATE sessions SET status_index = NULL WHERE user_id = $1', [user.id]);
    const { refresh_token } = tokens;
    const { body } = await app.http.post<TokenResponse>('/auth/refresh', { refresh_token });
    expect(claimsOf(body.access_token)).not.toHaveProperty('status');
    expect((await app.http.post('/auth/logout', undefined, { token: body.access_token })).status).toBe(204);
  });
});

describe('by default', () => {
  let app: TestApp;
  beforeAll(async () => void (app = await TestApp.start()));
  afterAll(() => app.close());

  it('tokens carry no status, and there are no lists', async () => {
    const { tokens } = await app.signedInUser();
    expect(claimsOf(tokens.access_token)).not.toHaveProperty('status');
    for (const path of ['/status-lists', '/status-lists/0']) expect((await app.http.get(path)).status).toBe(404);
    for (const path of METADATA) {
      expect((await app.http.get(path)).body).not.toHaveProperty('status_list_aggregation_endpoint');
    }
  });
});
