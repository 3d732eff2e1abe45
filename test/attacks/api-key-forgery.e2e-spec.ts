import { createSecretKey } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { checksumOf, encodeApiKey } from '../../src/api-keys/api-key.js';
import { ApiKeyCodec } from '../../src/api-keys/api-key-codec.js';
import type { NewApiKeyView } from '../../src/api-keys/api-keys.view.js';
import { deriveKey } from '../../src/common/crypto.js';
import { Database } from '../../src/platform/database/database.js';
import type { TokenResponse } from '../../src/sessions/token.view.js';
import { clientKey, personalToken, tokenIn, verdictOn } from '../support/api-keys.js';
import { TestApp } from '../support/create-app.js';
import { sendForm, ServiceAccount } from '../support/service-account.js';

const withChecksum = (body: string): string => body + checksumOf(body);

describe('making up a key, or showing one where it does not belong', () => {
  let app: TestApp;
  let admin: { token: string };
  let person: TokenResponse;
  let account: ServiceAccount;
  let pat: NewApiKeyView;
  let key: NewApiKeyView;
  beforeAll(async () => {
    app = await TestApp.start({ RATE_LIMITS: 'false' });
    admin = { token: await app.adminToken() };
    person = (await app.signedInUser()).tokens;
    account = await ServiceAccount.create(app, admin.token);
    pat = await personalToken(app, person.access_token);
    key = await clientKey(app, admin.token, account.id);
  });
  afterAll(() => app.close());
  afterEach(async () => {
    for (const { api_key } of [pat, key]) expect((await verdictOn(app.http, api_key)).status).toBe(200);
  });

  const refused = async (credential: string, code = 'token_invalid') => {
    const answer = await verdictOn(app.http, credential);
    expect(answer, credential).toMatchObject({ status: 401, body: { code } });
    expect(answer.headers.get('authorization')).toBeNull();
    expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer/);
    expect(answer.text).not.toContain(credential);
  };

  it('no bit may change, checksum mended or not, and the database hears nothing of it', async () => {
    const execute = vi.spyOn(Database.prototype, 'execute');
    try {
      const body = pat.api_key.slice(0, -6);
      const encoded = body.slice('cs_pat_'.length);
      for (let bit = 0; bit < 48 * 8; bit += 5) {
        const bytes = Buffer.from(encoded, 'base64url');
        bytes[bit >> 3]! ^= 1 << (bit & 7);
        const changed = `cs_pat_${bytes.toString('base64url')}`;
        await refused(withChecksum(changed));
        await refused(changed + pat.api_key.slice(-6));
      }
      expect(execute.mock.calls.filter(([{ name }]) => name.startsWith('api_key'))).toEqual([]);
    } finally {
      execute.mockRestore();
    }
  });

  it('a key of a person is none of a service, nor the reverse', async () => {
    await refused(withChecksum(pat.api_key.slice(0, -6).replace('cs_pat_', 'cs_key_')));
    await refused(withChecksum(key.api_key.slice(0, -6).replace('cs_key_', 'cs_pat_')));
    // Not even with our own MAC.
    const codec = app.app.get(ApiKeyCodec);
    for (const { api_key } of [pat, key]) {
      const claim = codec.decode(api_key)!;
      await refused(codec.encode({ ...claim, kind: claim.kind === 'pat' ? 'key' : 'pat' }));
    }
  });

  it('the id of one key does not go with the secret of another', async () => {
    const codec = app.app.get(ApiKeyCodec);
    const second = await personalToken(app, (await app.signedInUser()).tokens.access_token);
    const [one, two] = [codec.decode(pat.api_key)!, codec.decode(second.api_key)!];
    await refused(codec.encode({ ...one, secret: two.secret }));
    await refused(codec.encode({ ...two, secret: one.secret }));
    await refused(codec.encode({ ...one, secret: Buffer.alloc(20) }));
    await refused(codec.encode({ ...one, id: `key_${'A'.repeat(16)}` }));
  });

  it('another server, and another key of this one, make other keys', async () => {
    const claim = app.app.get(ApiKeyCodec).decode(pat.api_key)!;
    await refused(encodeApiKey(deriveKey(Buffer.alloc(32, 1), 'api-keys'), claim));
    await refused(encodeApiKey(createSecretKey(Buffer.alloc(32)), claim));
  });

  it.each(['=', '.', 'x', '%20', 'cs_pat_'])('there is one way to write it: not with %j around it', async (noise) => {
    await refused(pat.api_key + noise);
    await refused(noise + pat.api_key);
    await refused(pat.api_key.toLowerCase());
  });

  it('a key stands in one place alone', async () => {
    const places: [path: string, headers: Record<string, string>][] = [
      ['', { authorization: pat.api_key }],
      ['', { authorization: `Basic ${Buffer.from(`${pat.api_key}:`).toString('base64')}` }],
      ['', { authorization: `Token ${pat.api_key}` }],
      ['', { 'x-api-key': pat.api_key }],
      ['', { cookie: `api_key=${pat.api_key}; __Host-session=${pat.api_key}` }],
      [`?access_token=${pat.api_key}`, {}],
      [`?api_key=${pat.api_key}`, {}],
    ];
    for (const [query, headers] of places) {
      const { status, headers: answer } = await app.http.get(`/gateway/verify${query}`, { headers });
      expect([401, 403]).toContain(status);
      expect(answer.get('authorization')).toBeNull();
    }
  });

  it('a key opens no route of our own, and the token that it is exchanged for opens none of people', async () => {
    const routes = ['/auth/me', '/users/me', '/sessions', '/api-keys', '/users', '/clients'];
    for (const { api_key } of [pat, key]) {
      const exchanged = tokenIn(await verdictOn(app.http, api_key));
      for (const path of routes) {
        expect(await app.http.get(path, { token: api_key })).toMatchObject({
          status: 401,
          body: { code: 'token_invalid' },
        });
        const status = path === '/auth/me' ? 200 : 403;
        expect((await app.http.get(path, { token: exchanged })).status, path).toBe(status);
      }
      for (const token of [api_key, exchanged]) {
        const more = await app.http.post('/api-keys', { name: 'Another' }, { token });
        expect([401, 403]).toContain(more.status);
        expect((await app.http.delete('/users/me', { token })).status).not.toBe(204);
        expect((await app.http.post('/auth/logout', undefined, { token })).status).toBe(401);
      }
    }
  });

  it('even an administrator’s with all roles administers nothing', async () => {
    const { tokens } = await app.signedInAdmin();
    const { api_key } = await personalToken(app, tokens.access_token, { with_roles: true });
    const exchanged = tokenIn(await verdictOn(app.http, api_key));
    for (const token of [api_key, exchanged]) {
      for (const path of ['/users', '/clients'])
        expect([401, 403]).toContain((await app.http.get(path, { token })).status);
      expect([401, 403]).toContain((await app.http.post('/keys/rotate', {}, { token })).status);
    }
  });

  it('a key is no refresh token, no secret and no assertion of a client, and those are no keys', async () => {
    for (const { api_key } of [pat, key]) {
      const refresh = await app.http.post('/auth/refresh', { refresh_token: api_key });
      expect(refresh).toMatchObject({ status: 401, body: { code: 'refresh_token_invalid' } });
      for (const client_id of [account.id, key.id]) {
        const form = { grant_type: 'client_credentials', client_id, client_secret: api_key };
        expect(await sendForm(app, '/oauth/token', form)).toMatchObject({ status: 401 });
      }
    }
    const others = [person.refresh_token, account.secret, account.id, key.id, pat.id];
    for (const credential of others) {
      await refused(credential);
      await refused(`cs_pat_${credential}`);
    }
    for (const api_key of [...others, person.access_token]) {
      expect((await app.http.post('/api-keys/revoke-leaked', { api_key })).status).toBe(204);
    }
    expect((await app.http.get('/auth/me', { token: person.access_token })).status).toBe(200);
    expect((await account.send('/oauth/token', { grant_type: 'client_credentials' })).status).toBe(200);
  });

  it('nobody deletes or sees the key of somebody else', async () => {
    const stranger = { token: (await app.signedInUser()).tokens.access_token };
    expect((await app.http.delete(`/api-keys/${pat.id}`, stranger)).status).toBe(404);
    expect((await app.http.delete(`/api-keys/${key.id}`, stranger)).status).toBe(404);
    expect((await app.http.get('/api-keys', stranger)).text).toBe('{"items":[],"next_cursor":null,"total":0}');
    const other = await ServiceAccount.create(app, admin.token);
    expect((await app.http.delete(`/clients/${other.id}/api-keys/${key.id}`, admin)).status).toBe(404);
    expect((await app.http.delete(`/clients/${account.id}/api-keys/${pat.id}`, admin)).status).toBe(404);
    const { id } = await app.createUser({ password: undefined });
    expect((await app.http.delete(`/users/${id}/api-keys/${pat.id}`, admin)).status).toBe(404);
  });

  it('nobody gives a key what they have no say in', async () => {
    const { token } = { token: person.access_token };
    const privileged: Record<string, unknown> = {
      user_id: (await app.createUser({ password: undefined })).id,
      client_id: account.id,
      owner: account.id,
      kind: 'key',
      id: `key_${'A'.repeat(16)}`,
      roles: ['admin'],
      audiences: ['billing'],
      secret_hash: 'AA',
      api_key: pat.api_key,
      created_at: '2020-01-01T00:00:00Z',
      expires_at: null,
      last_used_at: null,
    };
    const before = await app.dataSource.query('SELECT count(*) FROM api_keys');
    for (const [name, value] of Object.entries(privileged)) {
      const answer = await app.http.post('/api-keys', { name: 'Mine', [name]: value }, { token });
      expect(answer, name).toMatchObject({ status: 400, body: { code: 'invalid_request' } });
    }
    // Scopes are the permissions of services: what nobody has set free, nobody takes.
    for (const wrong of [
      { scopes: ['orders:read'] },
      { scopes: ['revocations:read'] },
      { scopes: 'orders:read' },
      { scopes: [['a']] },
      { with_roles: 'true' },
      { expires_in: 366 * 86_400 },
      { expires_in: 59 },
      { expires_in: null },
      { expires_in: '3600' },
      { name: '' },
      { name: ['a'] },
    ]) {
      const answer = await app.http.post('/api-keys', { name: 'Mine', ...wrong }, { token });
      expect(answer, JSON.stringify(wrong)).toMatchObject({ status: 400, body: { code: 'invalid_request' } });
    }
    const path = `/clients/${account.id}/api-keys`;
    for (const wrong of [{ with_roles: true }, { user_id: privileged['user_id'] }, { audiences: [] }]) {
      expect((await app.http.post(path, { name: 'Theirs', ...wrong }, admin)).status).toBe(400);
    }
    expect(await app.dataSource.query('SELECT count(*) FROM api_keys')).toEqual(before);
  });
});
