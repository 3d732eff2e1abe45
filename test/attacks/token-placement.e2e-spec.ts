import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestApp } from '../support/create-app.js';
import { askRaw } from './raw-http.js';

describe('an access token in another place than its header', () => {
  let app: TestApp;
  let token: string;

  beforeAll(async () => {
    app = await TestApp.start();
    token = (await app.signedInUser()).tokens.access_token;
  });
  afterAll(() => app.close());

  const raw = (...headers: string[]) => askRaw(app.http.baseUrl, 'GET', '/auth/me', headers);

  it('is accepted in the Authorization header alone, given once', async () => {
    expect((await raw(`Authorization: Bearer ${token}`)).status).toBe(200);
    expect((await raw(`authorization: bearer ${token}`)).status).toBe(200);
    const refused = [
      [`Authorization: ${token}`],
      [`Authorization: Basic ${token}`],
      [`Authorization: Token ${token}`],
      [`Authorization: Bearer${token}`],
      [`Authorization: Bearer\t${token}`],
      [`Authorization: Bearer ${token} x`],
      [`Authorization: Bearer, ${token}`],
      [`Authorization: Bearer x, Bearer ${token}`],
      [`Authorization: Bearer "${token}"`],
      [`Authorization: Bearer\xa0${token}`],
      [`Authorization: Bearer token=${token}`],
      ['Authorization: Bearer'],
      [`Proxy-Authorization: Bearer ${token}`],
      [`X-Authorization: Bearer ${token}`],
      [`X-Access-Token: ${token}`],
      [`Cookie: access_token=${token}`],
      [`Cookie: Authorization=Bearer ${token}`],
    ];
    for (const headers of refused) {
      const { status, body } = await raw(...headers);
      expect(status, headers[0]).toBe(401);
      expect(body).toMatch(/"code":"token_(missing|invalid)"/);
    }
  });

  // A gateway that reads the one and a service that reads the other would not speak of the same caller.
  it('is refused where two Authorization headers come', async () => {
    const one = `Authorization: Bearer ${token}`;
    for (const other of ['Authorization: Bearer x', 'authorization: Basic YTpi', one]) {
      for (const headers of [
        [one, other],
        [other, one],
      ]) {
        const { status } = await raw(...headers);
        expect({ headers, refused: status === 400 || status === 401 }).toEqual({ headers, refused: true });
      }
    }
  });

  it('is refused in the query and in the body', async () => {
    for (const name of ['access_token', 'token', 'authorization', 'jwt', 'bearer_token']) {
      const query = await app.http.get<{ code: string }>(`/auth/me?${name}=${token}`);
      expect(query).toMatchObject({ status: 401, body: { code: 'token_missing' } });
      const body = await app.http.patch<{ code: string }>('/users/me', { [name]: token, display_name: 'x' });
      expect(body).toMatchObject({ status: 401, body: { code: 'token_missing' } });
    }
    // RFC 6750 2.2: the form-encoded method, which we do not offer.
    const form = await app.http.post('/auth/logout', `access_token=${token}`, {
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    });
    expect(form.status).toBe(415);
  });
});
