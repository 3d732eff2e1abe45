import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ClientView } from '../../src/clients/clients.view.js';
import { TestApp } from '../support/create-app.js';
import { sendForm } from '../support/service-account.js';

interface Problem {
  code: string;
  errors?: { field: string }[];
}

describe('an application that people sign in to', () => {
  let app: TestApp;
  let admin: string;
  beforeAll(async () => {
    app = await TestApp.start();
    admin = await app.adminToken();
  });
  afterAll(() => app.close());

  const create = (settings: object) =>
    app.http.post<ClientView & Problem>('/clients', { name: 'App', ...settings }, { token: admin });
  const change = (id: string, settings: object) =>
    app.http.patch<ClientView & Problem>(`/clients/${id}`, settings, { token: admin });

  it('is registered with its URIs, and confidential with PKCE unless it says otherwise', async () => {
    const uris = { redirect_uris: ['https://app.example/callback'] };
    const { status, body } = await create(uris);
    expect(status).toBe(201);
    expect(body).toMatchObject({
      ...uris,
      type: 'confidential',
      application_type: 'web',
      first_party: false,
      require_pkce: true,
      post_logout_redirect_uris: [],
      backchannel_logout_uri: null,
      grant_types: ['authorization_code'],
    });
    const changed = await change(body.id, { first_party: true, backchannel_logout_uri: 'https://app.example/out' });
    expect(changed.body).toMatchObject({ first_party: true, backchannel_logout_uri: 'https://app.example/out' });
  });

  it.each([
    ['redirect_uris', { redirect_uris: ['https://app.example/#'] }],
    ['redirect_uris', { redirect_uris: ['com.example.app:/callback'] }],
    ['redirect_uris', { redirect_uris: ['https://app.example/a', 'https://app.example/a'] }],
    ['redirect_uris', { redirect_uris: Array.from({ length: 21 }, (_, n) => `https://app.example/${n}`) }],
    ['redirect_uris', { redirect_uris: [`https://app.example/${'a'.repeat(2000)}`] }],
    ['redirect_uris', { redirect_uris: 'https://app.example/callback' }],
    ['redirect_uris', { grant_types: ['authorization_code'] }],
    ['post_logout_redirect_uris', { post_logout_redirect_uris: ['http://app.example/'] }],
    ['backchannel_logout_uri', { backchannel_logout_uri: 'http://app.example/out' }],
    ['backchannel_logout_uri', { backchannel_logout_uri: 'https://user@app.example/out' }],
    ['application_type', { application_type: 'desktop' }],
    ['grant_types', { type: 'public' }],
    ['grant_types', { type: 'public', redirect_uris: ['https://a.example/'], grant_types: ['client_credentials'] }],
    ['require_pkce', { type: 'public', redirect_uris: ['https://a.example/'], require_pkce: false }],
    ['type', { type: 'public', redirect_uris: ['https://a.example/'], tls_subject_dn: 'CN=app' }],
  ])('%s is refused in %j', async (field, settings) => {
    const { status, body } = await create(settings);
    expect([status, body.code]).toEqual([400, 'invalid_request']);
    expect(body.errors?.map((fault) => fault.field)).toEqual([field]);
  });

  it('keeps its type, and a public one has no secret and no other grant', async () => {
    const { body: client } = await create({ type: 'public', redirect_uris: ['https://app.example/callback'] });
    expect((await change(client.id, { type: 'confidential' })).status).toBe(400);
    expect((await change(client.id, { grant_types: ['client_credentials'] })).status).toBe(400);
    const secret = await app.http.post<Problem>(`/clients/${client.id}/secrets`, {}, { token: admin });
    expect([secret.status, secret.body.code]).toEqual([409, 'client_has_no_secrets']);
    const token = (form: Record<string, string>) => sendForm(app, '/oauth/token', { client_id: client.id, ...form });
    const form = { grant_type: 'client_credentials' };
    expect((await token(form)).body['error']).toBe('unauthorized_client');
    expect((await token({ ...form, client_secret: `css_${'A'.repeat(43)}` })).body['error']).toBe('invalid_client');
    const asked = await sendForm(app, '/oauth/introspect', { client_id: client.id, token: 'x' });
    expect(asked.body['error']).toBe('invalid_client');
  });

  it('is no public client because its secret is missing', async () => {
    const { body: client } = await create({ redirect_uris: ['https://app.example/callback'] });
    const answer = await sendForm(app, '/oauth/token', { client_id: client.id, grant_type: 'client_credentials' });
    expect(answer.body['error']).toBe('invalid_client');
  });
});
