import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ofUnknownKey, forge, ownSigner } from '../attacks/forged-token.js';
import { TestApp } from '../support/create-app.js';
import { type DecodedToken, decodeToken } from '../support/decode-token.js';
import { ExtAuthzClient } from '../support/ext-authz-client.js';
import type { Answer } from '../support/http-client.js';
import { sendForm, ServiceAccount } from '../support/service-account.js';
import { freePort } from '../system/support/free-port.js';
import { soon } from './service-process.js';

type Line = Record<string, unknown>;
const ISSUER = 'http://localhost:3000';

describe('an operator whose service refuses what it should not', () => {
  let app: TestApp;
  let envoy: ExtAuthzClient;
  let token: string;
  let opened: DecodedToken;
  let api: ServiceAccount;

  beforeAll(async () => {
    const port = await freePort();
    app = await TestApp.start({ LOG_LEVEL: 'info', EXT_AUTHZ_PORT: String(port) });
    envoy = new ExtAuthzClient(port);
    token = (await app.signedInUser()).tokens.access_token;
    opened = decodeToken(token);
    const admin = await app.adminToken();
    api = await ServiceAccount.create(app, admin, { served_audiences: ['api'] });
  });
  afterAll(async () => {
    envoy?.close();
    await app?.close();
  });

  const changed = (claims: Record<string, unknown>) =>
    forge(opened.header, { ...opened.claims, ...claims }, ownSigner(app));

  /** The lines of one request, which are written when it has been answered. */
  const linesOf = async (id: string): Promise<Line[]> => {
    const written = () => app.logLines.filter((line) => line.includes(id));
    expect(await soon(() => written().length > 0)).toBe(true);
    return written().map((line) => JSON.parse(line) as Line);
  };

  /** What a request is answered, and the one line that the log has of it. */
  async function refusal(path: string, headers: Record<string, string>): Promise<{ answer: Answer; line: Line }> {
    const id = randomUUID();
    const answer = await app.http.get<Line>(path, { headers: { ...headers, 'x-request-id': id } });
    const [line, ...more] = await linesOf(id);
    expect(more).toEqual([]);
    return { answer, line: line! };
  }
  const bearer = (value: string) => ({ authorization: `Bearer ${value}` });

  const MISTAKES: [string, () => string, RegExp][] = [
    ['another audience', () => changed({ aud: 'orders' }), /^aud: expected api, found \[ 'orders' \]$/],
    ['an issuer with a slash', () => changed({ iss: `${ISSUER}/` }), /^iss: expected (\S+), found '\1\/'$/],
    ['an issuer on another host', () => changed({ iss: 'http://127.0.0.1:3000' }), /^iss: .+, found 'http:\/\/127/],
    ['an issuer by https', () => changed({ iss: 'https://localhost:3000' }), /^iss: .+, found 'https:/],
    [
      'another typ',
      () => forge({ ...opened.header, typ: 'JWT' }, opened.claims, ownSigner(app)),
      /^typ: expected at\+jwt, found 'JWT'$/,
    ],
    [
      'a clock that is ahead',
      () => changed({ iat: app.clock.seconds() + 3600, exp: app.clock.seconds() + 4200 }),
      /^iat: expected \d+ at most, found \d+$/,
    ],
    [
      'an expired token',
      () => changed({ iat: app.clock.seconds() - 700, exp: app.clock.seconds() - 100 }),
      /^exp: expected after \d+, found \d+$/,
    ],
    ['another key', () => ofUnknownKey(token), /^kid: expected \[ '[\w-]{8}' \], found '[\w-]{8}'$/],
    [
      'another algorithm',
      () => forge({ ...opened.header, alg: 'HS256' }, opened.claims, ownSigner(app)),
      /^alg: .+'ES256'.+, found 'HS256'$/,
    ],
    ['a signature of somebody else', () => `${token.slice(0, -8)}AAAAAAAA`, /^signature: /],
    ['no JWT at all', () => 'opaque', /^form: .+ found '6 characters'$/],
  ];

  it.each(MISTAKES)('reads why a token with %s is refused, and its caller does not', async (_, make, reason) => {
    const bad = make();
    const plain = await refusal('/auth/me', bearer('x'));
    for (const path of ['/auth/me', '/gateway/verify']) {
      const { answer, line } = await refusal(path, bearer(bad));
      expect(line).toMatchObject({ event: 'request', status: 401, code: 'token_invalid' });
      expect(line['reason']).toMatch(reason);
      const { request_id: _id, ...told } = answer.body as Line;
      const { request_id: _other, ...usual } = plain.answer.body as Line;
      expect(told).toEqual(usual);
      expect(answer.headers.get('www-authenticate')).toMatch(
        /^Bearer error="invalid_token"(?:, resource_metadata="[^"]+")?$/,
      );
      expect(JSON.stringify(line)).not.toContain(bad.split('.').at(-1));
    }
  });

  it.each([
    ['?role=admin', "role: expected admin, found [ 'user' ]"],
    ['?role=user&scope=orders:read', 'scope: expected orders:read, found []'],
    ['?role=user&aud=orders', "aud: expected orders, found [ 'api' ]"],
  ])('reads which demand of a gateway was not met: %s', async (question, reason) => {
    const { answer, line } = await refusal(`/gateway/verify${question}`, bearer(token));
    expect(line).toMatchObject({ status: 403, code: 'forbidden', reason });
    expect(answer.text).not.toContain(reason);
  });

  it('reads it of Envoy, too', async () => {
    const id = randomUUID();
    const verdict = await envoy.ask({ token, headers: { 'x-request-id': id } }, { role: 'admin' });
    expect([verdict.status, JSON.stringify(verdict.body)]).toEqual([403, expect.not.stringContaining('expected')]);
    expect(await linesOf(id)).toMatchObject([
      { event: 'check_refused', status: 403, code: 'forbidden', reason: "role: expected admin, found [ 'user' ]" },
    ]);
  });

  it('reads which role a route asks for, what a cookie lacks, and in what form a header comes', async () => {
    expect((await refusal('/users', bearer(token))).line).toMatchObject({
      code: 'forbidden',
      reason: "role: expected one of admin, support, found [ 'user' ]",
    });
    expect((await refusal('/auth/me', { cookie: 'countersign=x' })).line).toMatchObject({
      code: 'token_invalid',
      reason: expect.stringMatching(/^cookie: /),
    });
    const raw = (await refusal('/auth/me', { authorization: token })).line;
    expect(raw).toMatchObject({ code: 'token_missing', reason: expect.stringMatching(/^Authorization: /) });
    expect(JSON.stringify(raw)).not.toContain(token.slice(0, 20));
  });

  it('reads why a token is not active, or not revoked, where the answer cannot say so', async () => {
    for (const [path, answer] of [
      ['/oauth/introspect', { active: false }],
      ['/oauth/revoke', undefined],
    ] as const) {
      const id = randomUUID();
      const form = { token: changed({ iss: `${ISSUER}/` }) };
      const { status, body } = await sendForm(app, path, form, { 'x-request-id': id, authorization: api.basic });
      expect([status, body]).toEqual([200, answer]);
      expect(await linesOf(id)).toMatchObject([{ code: 'token_invalid', reason: expect.stringMatching(/^iss: /) }]);
    }
  });

  it('finds every found value cut, escaped and on one line', async () => {
    const { line } = await refusal('/auth/me', bearer(changed({ iss: `\u001b[2J\n${'x'.repeat(3000)}` })));
    expect(String(line['reason']).length).toBeLessThan(220);
    expect(line['reason']).not.toMatch(/\p{Cc}/u);
  });
});
