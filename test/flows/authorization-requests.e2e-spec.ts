import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestApp } from '../support/create-app.js';
import { answerOf, RelyingParty, Visitor } from '../support/relying-party.js';

type Parameters = Record<string, string | undefined>;
const long = (length: number) => 'a'.repeat(length);

// Each is answered to the application, by the error that OpenID Connect Core 1.0 3.1.2.6 and RFC 6749 4.1.2.1 name.
const ANSWERED: [error: string, parameters: Parameters][] = [
  ['invalid_request', { response_type: undefined }],
  ['invalid_request', { response_type: '' }],
  ['unsupported_response_type', { response_type: 'token' }],
  ['unsupported_response_type', { response_type: 'id_token' }],
  ['unsupported_response_type', { response_type: 'code id_token' }],
  ['unsupported_response_type', { response_type: 'code token' }],
  ['unsupported_response_type', { response_type: 'none' }],
  ['unsupported_response_type', { response_type: 'CODE' }],
  ['unsupported_response_type', { response_type: 'code code' }],
  ['invalid_request', { response_mode: 'fragment' }],
  ['invalid_request', { response_mode: 'query.jwt' }],
  ['invalid_request', { response_mode: 'web_message' }],
  ['invalid_request', { code_challenge: undefined, code_challenge_method: undefined }],
  ['invalid_request', { code_challenge: undefined }],
  ['invalid_request', { code_challenge_method: 'plain' }],
  ['invalid_request', { code_challenge: `${long(43)}=` }],
  ['invalid_request', { code_challenge: long(42) }],
  ['invalid_request', { code_challenge: long(128) }],
  ['invalid_request', { prompt: 'none login' }],
  ['invalid_request', { prompt: 'create' }],
  ['invalid_request', { prompt: 'LOGIN' }],
  ['invalid_request', { max_age: '-1' }],
  ['invalid_request', { max_age: '1.5' }],
  ['invalid_request', { max_age: 'never' }],
  ['invalid_scope', { scope: 'openid other' }],
  ['invalid_scope', { scope: 'openid  email' }],
  ['invalid_scope', { scope: 'openid "email"' }],
  ['invalid_scope', { scope: 'OPENID' }],
  ['invalid_target', { resource: 'https://other.example/' }],
  ['invalid_target', { resource: 'api other' }],
  ['request_not_supported', { request: 'eyJhbGciOiJub25lIn0.e30.' }],
  ['request_uri_not_supported', { request_uri: 'https://evil.example/request' }],
  ['request_uri_not_supported', { request_uri: 'http://169.254.169.254/latest/meta-data' }],
  ['login_required', { prompt: 'none' }],
];

// Each is a page, because nothing says that the application wants the answer, or that there is one.
const PAGES: [what: string, parameters: Parameters][] = [
  ['no client', { client_id: undefined }],
  ['an unknown client', { client_id: 'svc_AAAAAAAAAAAAAAAA' }],
  ['the first-party client', { client_id: 'web' }],
  ['a client in another case', { client_id: 'SVC_AAAAAAAAAAAAAAAA' }],
  ['a long client', { client_id: long(101) }],
  ['no address', { redirect_uri: undefined }],
  ['a long address', { redirect_uri: `https://app.example/${long(2000)}` }],
  ['a long state', { state: long(2001) }],
  ['a long nonce', { nonce: long(501) }],
  ['a long scope', { scope: long(2001) }],
];

describe('a malformed authorization request', () => {
  let app: TestApp;
  let party: RelyingParty;
  beforeAll(async () => {
    app = await TestApp.start({ RATE_LIMITS: 'false' });
    party = await RelyingParty.create(app);
  });
  afterAll(() => app.close());

  it.each(ANSWERED)('is answered with %s: %j', async (error, parameters) => {
    const { location, status } = await new Visitor(app.http).follow(party.request(parameters));
    expect(status).toBe(303);
    expect(answerOf(location)).toMatchObject({ error, state: 'a state', iss: 'http://localhost:3000' });
    expect(answerOf(location)).not.toHaveProperty('code');
  });

  it.each(PAGES)('is a page: %s', async (_, parameters) => {
    const { location, status, headers } = await new Visitor(app.http).follow(party.request(parameters));
    expect([status, location, headers.get('content-type')]).toEqual([400, null, 'text/html; charset=utf-8']);
  });

  it('is a page where a parameter comes twice, or there are too many', async () => {
    const path = party.request();
    for (const more of ['&state=b', '&scope=openid', '&client_id=x', '&x=1'.repeat(101), '&__proto__=a&__proto__=b']) {
      const { status, location } = await new Visitor(app.http).follow(path + more);
      expect([status, location]).toEqual([400, null]);
    }
  });

  it('is none: unknown parameters are ignored, and empty ones are absent', async () => {
    const path = party.request({ display: 'popup', acr_values: 'x', foo: 'bar', prompt: '', max_age: '' });
    expect((await new Visitor(app.http).follow(path)).path.split('?')[0]).toBe('/sign-in');
    const ignored = party.request({ scope: 'openid offline_access address phone' });
    expect((await new Visitor(app.http).follow(ignored)).path.split('?')[0]).toBe('/sign-in');
  });

  it('is limited: a network that sends too many is told to wait', async () => {
    const limited = await TestApp.start();
    try {
      const own = await RelyingParty.create(limited);
      const paths = Array.from({ length: 601 }, () => own.request());
      const statuses: number[] = [];
      for (const path of paths) statuses.push((await limited.http.get(path)).status);
      expect([statuses[0], statuses.at(-1)]).toEqual([303, 429]);
    } finally {
      await limited.close();
    }
  });
});

describe('a malformed request to redeem a code', () => {
  let app: TestApp;
  let party: RelyingParty;
  beforeAll(async () => {
    app = await TestApp.start({ RATE_LIMITS: 'false' });
    party = await RelyingParty.create(app);
  });
  afterAll(() => app.close());

  it.each([
    ['invalid_request', { code: '' }],
    ['invalid_request', { redirect_uri: '' }],
    ['invalid_grant', { code: 'cso_' }],
    ['invalid_grant', { code: 'a' }],
    ['invalid_request', { code: 'a'.repeat(201) }],
    ['invalid_client', { client_id: 'svc_AAAAAAAAAAAAAAAA' }],
    ['invalid_client', { client_secret: 'css_wrong' }],
    ['unsupported_grant_type', { grant_type: 'code' }],
    ['unsupported_grant_type', { grant_type: 'password' }],
    ['unsupported_grant_type', { grant_type: 'implicit' }],
  ])('is refused with %s: %j', async (error, parameters) => {
    expect((await party.redeem(`cso_${'A'.repeat(43)}`, parameters as never)).body.error).toBe(error);
  });

  it('is refused for a client without the grant', async () => {
    const { id } = (
      await app.http.post<{ id: string }>('/clients', { name: 'Service' }, { token: await app.adminToken() })
    ).body;
    expect((await party.redeem('cso_', { client_id: id })).body.error).toBe('invalid_client');
  });
});
