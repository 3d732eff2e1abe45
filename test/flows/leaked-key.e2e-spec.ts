import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { KeyRing } from '../../src/keys/key-ring.js';
import { KeyRotationService } from '../../src/keys/key-rotation.service.js';
import type { TokenResponse } from '../../src/sessions/token.view.js';
import { BY_TEST } from '../support/cause.js';
import { PASSWORD, TestApp } from '../support/create-app.js';
import { decodeToken } from '../support/decode-token.js';

interface Key {
  kid: string;
  status: string;
}

const kidOf = (token: string): string => decodeToken(token).header.kid;

describe('an administrator replaces a leaked signing key', () => {
  let app: TestApp;
  let admin: TokenResponse;
  beforeAll(async () => void (app = await TestApp.start({ RATE_LIMITS: 'false', LOG_LEVEL: 'info' })));
  beforeEach(async () => void (admin = (await app.signedInAdmin()).tokens));
  afterAll(() => app.close());

  const rotate = async (body: object): Promise<Key[]> => {
    const answer = await app.http.post<{ keys: Key[] }>('/keys/rotate', body, { token: admin.access_token });
    expect(answer.status).toBe(200);
    return answer.body.keys;
  };
  const published = async () =>
    (await app.http.get<{ keys: Key[] }>('/.well-known/jwks.json')).body.keys.map(({ kid }) => kid);

  it('refuses every token that it signed at once, and a refresh brings a good one', async () => {
    const { tokens: user } = await app.signedInUser();
    expect((await app.http.get('/auth/me', { token: user.access_token })).status).toBe(200);
    const leaked = kidOf(user.access_token);

    const keys = await rotate({ emergency: true });
    expect(keys).toMatchObject([{ status: 'active' }]);
    expect(keys[0]!.kid).not.toBe(leaked);
    expect(await published()).toEqual([keys[0]!.kid]);
    expect((await app.http.get(`/keys/${leaked}.pem`)).status).toBe(404);

    for (const { access_token: token, refresh_token } of [user, admin]) {
      expect(await app.http.get('/auth/me', { token })).toMatchObject({ status: 401, body: { code: 'token_invalid' } });
      const fresh = await app.http.post<TokenResponse>('/auth/refresh', { refresh_token });
      expect(fresh.status).toBe(200);
      expect(kidOf(fresh.body.access_token)).toBe(keys[0]!.kid);
      expect((await app.http.get('/auth/me', { token: fresh.body.access_token })).status).toBe(200);
    }
  });

  it('with the successor that verifiers know already, where there is one', async () => {
    const [, successor] = await rotate({});
    expect(await rotate({ emergency: true })).toMatchObject([{ kid: successor!.kid, status: 'active' }]);
    expect(await published()).toEqual([successor!.kid]);
  });

  it('and asks for patience while it knows that a key has leaked, but not its successor yet', async () => {
    const { user, tokens } = await app.signedInUser();
    app.app.get(KeyRing).revoke([kidOf(tokens.access_token)]);
    const login = () => app.http.post('/auth/login', { email: user.email, password: PASSWORD });
    expect(await login()).toMatchObject({ status: 503, body: { code: 'unavailable' } });
    await app.app.get(KeyRotationService).replace(BY_TEST);
    expect((await login()).status).toBe(200);
  });

  it('and the log says so once it is true, not before', async () => {
    const [{ kid }] = (await rotate({ emergency: true })) as [Key];
    const said = () => app.logLines.filter((line) => line.includes(`revoke ${kid}`));
    await app.dataSource.query(
      `CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS
         $$ BEGIN RAISE 'no commit' USING ERRCODE = 'serialization_failure'; END $$;
       CREATE CONSTRAINT TRIGGER fail AFTER DELETE ON signing_keys DEFERRABLE INITIALLY DEFERRED
         FOR EACH ROW EXECUTE FUNCTION fail()`,
    );
    const token = await app.adminToken();
    const failed = await app.http.post('/keys/rotate', { emergency: true }, { token });
    expect(failed.status).toBe(503);
    expect(failed.headers.get('revocation-seq')).toBeNull();
    expect(said()).toEqual([]);
    expect(await published()).toContain(kid);
    await app.dataSource.query('DROP TRIGGER fail ON signing_keys');
    expect((await app.http.post('/keys/rotate', { emergency: true }, { token })).status).toBe(200);
    expect(said()).toHaveLength(1);
  });

  it('and no stranger does', async () => {
    const { tokens } = await app.signedInUser();
    const before = await published();
    for (const token of [undefined, tokens.access_token]) {
      const answer = await app.http.post('/keys/rotate', { emergency: true }, { token });
      expect(answer.status).toBe(token ? 403 : 401);
    }
    expect(await published()).toEqual(before);
  });

  it.each([{ emergency: 'yes' }, { emergency: 1 }, { emergency: null }, { force: true }, ['emergency']])(
    'a body such as %j changes nothing',
    async (body) => {
      const before = await published();
      const answer = await app.http.post('/keys/rotate', body, { token: admin.access_token });
      expect(answer).toMatchObject({ status: 400, body: { code: 'invalid_request' } });
      expect(await published()).toEqual(before);
    },
  );
});
