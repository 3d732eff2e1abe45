import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestApp } from '../support/create-app.js';
import { sendForm, ServiceAccount } from '../support/service-account.js';

const PATH = '/oauth/revoke';

describe('a client revokes its tokens (RFC 7009)', () => {
  let app: TestApp;
  let orders: ServiceAccount;

  beforeAll(async () => {
    app = await TestApp.start();
    const admin = await app.adminToken();
    orders = await ServiceAccount.create(app, admin);
  });
  afterAll(() => app.close());

  const revoke = (form: Record<string, string>, headers?: Record<string, string>) => sendForm(app, PATH, form, headers);
  const statusOf = async (token: string) => (await app.http.get('/auth/me', { token })).status;

  it.each(['refresh_token', 'access_token'] as const)('the first-party one by %s: the session ends', async (kind) => {
    for (const hint of [undefined, 'access_token', 'refresh_token', 'something_else']) {
      const { tokens } = await app.signedInUser();
      const form = { token: tokens[kind], client_id: 'web', ...(hint && { token_type_hint: hint }) };
      const answer = await revoke(form);
      expect(answer).toMatchObject({ status: 200, text: '' });
      expect(answer.headers.get('revocation-seq')).toMatch(/^\d+$/);
      expect(await statusOf(tokens.access_token)).toBe(401);
      expect((await app.http.post('/auth/refresh', { refresh_token: tokens.refresh_token })).status).toBe(401);
      // Again, whatever has become of it.
      expect((await revoke(form)).status).toBe(200);
    }
  });

  it('and waits until every instance knows, where it wants', async () => {
    const { tokens } = await app.signedInUser();
    const answer = await sendForm(app, `${PATH}?wait=applied`, { token: tokens.refresh_token, client_id: 'web' });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('revocation-status')).toBe('applied');
  });

  it('what is no token is revoked already', async () => {
    for (const token of ['nonsense', 'csr_', `csr_${'A'.repeat(70)}`, 'a.b.c', 'x'.repeat(20_000)]) {
      expect((await revoke({ token, client_id: 'web' })).status).toBe(200);
      expect((await orders.send(PATH, { token })).status).toBe(200);
    }
  });

  it('no client revokes those of another', async () => {
    const { tokens } = await app.signedInUser();
    for (const token of [tokens.access_token, tokens.refresh_token]) {
      expect(await orders.send(PATH, { token })).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
    }
    const token = await orders.token();
    expect(await revoke({ token, client_id: 'web' })).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
    expect(await statusOf(tokens.access_token)).toBe(200);
    expect(await statusOf(token)).toBe(200);
  });

  it('a service hears that its own are not revoked one by one', async () => {
    const token = await orders.token();
    const answer = await orders.send(PATH, { token });
    expect(answer).toMatchObject({ status: 400, body: { error: 'unsupported_token_type' } });
    expect(await statusOf(token)).toBe(200);
  });

  it('nobody revokes without saying who they are', async () => {
    const { tokens } = await app.signedInUser();
    const { refresh_token: token } = tokens;
    for (const [form, headers] of [
      [{ token }, {}],
      [{ token, client_id: orders.id }, {}],
      [{ token, client_id: 'web', client_secret: orders.secret }, {}],
      [{ token, client_id: 'web' }, { authorization: `Basic ${btoa('web:x')}` }],
    ] as [Record<string, string>, Record<string, string>][]) {
      expect(await revoke(form, headers)).toMatchObject({ status: 401, body: { error: 'invalid_client' } });
    }
    expect(await revoke({ client_id: 'web' })).toMatchObject({ status: 400, body: { error: 'invalid_request' } });
    expect(await statusOf(tokens.access_token)).toBe(200);
  });
});
