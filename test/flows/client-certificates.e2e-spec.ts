import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ISSUER } from '../support/client-key.js';
import { TestApp } from '../support/create-app.js';
import { postRaw } from '../attacks/raw-http.js';
import { sendForm, ServiceAccount } from '../support/service-account.js';

const SUBJECT = 'CN=orders,O=Example';
const CERTIFICATE = { 'x-client-subject': SUBJECT, 'x-client-verify': 'SUCCESS' };
const SETTING = { TLS_CLIENT_SUBJECT_HEADER: 'X-Client-Subject', RATE_LIMITS: 'false' };

/** The status of a token request with these headers. */
async function statusOf(app: TestApp, form: Record<string, string>, headers: Record<string, string>): Promise<number> {
  return (await sendForm(app, '/oauth/token', { grant_type: 'client_credentials', ...form }, headers)).status;
}

async function accountOf(app: TestApp): Promise<ServiceAccount> {
  const admin = await app.adminToken();
  return ServiceAccount.create(app, admin, { tls_subject_dn: SUBJECT });
}

describe('a service shows a certificate to the proxy in front (tls_client_auth)', () => {
  let app: TestApp;
  let account: ServiceAccount;
  beforeAll(async () => {
    app = await TestApp.start({ ...SETTING, TRUSTED_PROXIES: '127.0.0.1' });
    account = await accountOf(app);
  });
  afterAll(() => app.close());

  it('which tells its subject', async () => {
    expect(await statusOf(app, { client_id: account.id }, CERTIFICATE)).toBe(200);
  });

  it('and the metadata says so', async () => {
    const { body } = await app.http.get<Record<string, unknown>>('/.well-known/oauth-authorization-server');
    expect(body).toMatchObject({ issuer: ISSUER });
    expect(body['token_endpoint_auth_methods_supported']).toContain('tls_client_auth');
  });

  it('and may still have a secret', async () => {
    expect(await statusOf(app, {}, { ...CERTIFICATE, authorization: account.basic })).toBe(200);
    const wrong = { client_id: account.id, client_secret: `css_${'A'.repeat(43)}` };
    expect(await statusOf(app, wrong, CERTIFICATE)).toBe(401);
  });

  it.each([
    ['another subject', { 'x-client-subject': 'CN=billing,O=Example' }],
    ['a subject in another order', { 'x-client-subject': 'O=Example,CN=orders' }],
    ['a longer subject', { 'x-client-subject': `${SUBJECT},C=XX` }],
    ['a subject in another case', { 'x-client-subject': SUBJECT.toLowerCase() }],
    ['no subject', { 'x-client-subject': '' }],
    ['a certificate that was not verified', { 'x-client-verify': 'NONE' }],
    ['a certificate that is not good', { 'x-client-verify': 'FAILED:certificate has expired' }],
    ['no word on that', { 'x-client-verify': '' }],
  ])('but not with %s', async (_, headers) => {
    expect(await statusOf(app, { client_id: account.id }, { ...CERTIFICATE, ...headers })).toBe(401);
  });

  it('but not as another service, and not as nobody', async () => {
    const other = await accountOf(app);
    expect(await statusOf(app, { client_id: other.id }, CERTIFICATE)).toBe(200);
    const bare = await ServiceAccount.create(app, await app.adminToken());
    expect(await statusOf(app, { client_id: bare.id }, CERTIFICATE)).toBe(401);
    expect(await statusOf(app, {}, CERTIFICATE)).toBe(401);
  });

  it('but not where the headers are there twice', async () => {
    const body = `grant_type=client_credentials&client_id=${account.id}`;
    const once = ['Content-Type: application/x-www-form-urlencoded'];
    once.push(...Object.entries(CERTIFICATE).map(([name, value]) => `${name}: ${value}`));
    const send = async (headers: string[]) => (await postRaw(app.http.baseUrl, '/oauth/token', body, headers)).status;
    expect(await send(once)).toBe(200);
    expect(await send([...once, `X-Client-Subject: ${SUBJECT}`])).toBe(401);
    expect(await send([...once, 'X-Client-Verify: SUCCESS'])).toBe(401);
  });
});

describe('a stranger who states a certificate', () => {
  it.each([
    ['from elsewhere than a trusted proxy', { ...SETTING, TRUSTED_PROXIES: '192.0.2.0/24' }],
    ['where no proxy is trusted', SETTING],
    ['where nothing of the kind is set up', { RATE_LIMITS: 'false', TRUSTED_PROXIES: '127.0.0.1' }],
  ])('is nobody, %s', async (_, environment) => {
    const app = await TestApp.start(environment);
    const account = await accountOf(app);
    const forwarded = { ...CERTIFICATE, 'x-forwarded-for': '192.0.2.1' };
    for (const headers of [CERTIFICATE, forwarded]) {
      expect(await statusOf(app, { client_id: account.id }, headers)).toBe(401);
    }
    await app.close();
  });
});
