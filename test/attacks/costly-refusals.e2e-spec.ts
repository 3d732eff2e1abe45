import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { openApiOf } from '../../src/app.setup.js';
import type { FieldFault } from '../../src/common/errors.js';
import { TestApp } from '../support/create-app.js';
import type { Answer } from '../support/http-client.js';
import { sendRaw } from './raw-http.js';
import { soon } from '../flows/service-process.js';

/** As much as a body, or a header, may hold. */
const BODY = 62_000;
const HEADER = 15_000;
/** Bytes of a refusal, with its header. */
const MAX_REFUSAL = 8_000;
const MAX_FAULTS = 20;

const filled = (size: number, part: (index: number) => string, separator: string): string => {
  const parts: string[] = [];
  for (let length = 0; length < size; length += parts.at(-1)!.length + separator.length) parts.push(part(parts.length));
  return parts.join(separator);
};
const object = (members: string) => `{${members}}`;
/** Each of them in JSON, as the value of whatever a body declares too. */
const VALUES = {
  'a long text': JSON.stringify('x'.repeat(BODY)),
  'letters that grow when normalised': JSON.stringify('\ufdfa'.repeat(BODY / 3)),
  'marks in a row': JSON.stringify(`a${'\u0301'.repeat(BODY / 2 - 1)}`),
  'many texts': `[${filled(BODY, (index) => `"t${index}"`, ',')}]`,
  'many numbers': `[${filled(BODY, () => '1', ',')}]`,
  'many objects': `[${filled(BODY, () => '{}', ',')}]`,
  'many members': object(filled(BODY, (index) => `"m${index}":1`, ',')),
  'fewer members': object(filled(BODY / 4, (index) => `"m${index}":1`, ',')),
  'as many values as may be': `[${filled(7_900, () => '1', ',')}]`,
  'a deep value': '['.repeat(BODY / 2) + ']'.repeat(BODY / 2),
};
const BODIES = {
  ...VALUES,
  'a long name': object(`"${'n'.repeat(BODY)}":1`),
  'a long name in escapes': object(`"${'\\u006e'.repeat(BODY / 6)}":1`),
  'one member again and again': object(filled(BODY, () => '"a":1', ',')),
  'names of full length': object(filled(BODY, (index) => `"${'n'.repeat(120)}${index}":1`, ',')),
  'few faulty members': object(filled(1_500, (index) => `"m${index}":1`, ',')),
};
const FORMS = {
  'many parameters': filled(BODY, (index) => `p${index}=1`, '&'),
  'many values of one parameter': filled(BODY, () => 'resource=a', '&'),
  'a long parameter': `grant_type=${'x'.repeat(BODY)}`,
  escapes: `client_id=${'%41'.repeat(BODY / 3)}`,
  'many separators': '&'.repeat(BODY),
};
const QUERIES = {
  'many parameters': filled(HEADER, (index) => `p${index}=1`, '&'),
  'many values of one parameter': filled(HEADER, () => 'from=1', '&'),
  'a long parameter': `nonce=${'x'.repeat(HEADER)}`,
  'a long name': `${'x'.repeat(HEADER)}=1`,
};
const HEADERS: Record<string, string> = {
  Cookie: filled(HEADER, (index) => `c${index}=1`, '; '),
  'cookie ': filled(HEADER, () => 'countersign=x', ';'),
  Authorization: `Bearer ${'a'.repeat(HEADER / 2)}.${'b'.repeat(HEADER / 2)}.c`,
  'authorization ': `Bearer ${'.'.repeat(HEADER)}`,
  'AUTHORIZATION ': `Basic ${'YTph'.repeat(HEADER / 4)}`,
  'Authorization  ': `DPoP${' '.repeat(HEADER)}x y`,
  DPoP: filled(7_000, () => 'e30', '.'),
  'dpop ': `${Buffer.from('['.repeat(5_000)).toString('base64url')}.e30.AA`,
  'If-None-Match': filled(HEADER, () => '"a"', ','),
  'Accept-Encoding': filled(HEADER, () => 'a;q=0', ','),
  Accept: filled(HEADER, () => 'a/b;q=0', ','),
  'Last-Event-ID': '1'.repeat(HEADER),
  'X-Forwarded-For': filled(HEADER, () => '1.1.1.1', ','),
  'X-Request-Id': 'x'.repeat(HEADER),
  'User-Agent': 'x'.repeat(HEADER),
  'Content-Type': `application/json;${' '.repeat(HEADER)}x`,
};

interface Operation {
  method: string;
  path: string;
  /** The members that its body declares. */
  members: string[];
  takesForm: boolean;
  /** Whether anybody gets further than to the guard. */
  isOpen: boolean;
}

describe('making refusals expensive', () => {
  let app: TestApp;
  let token: string;
  let operations: Operation[];
  let open: Operation[];
  beforeAll(async () => {
    app = await TestApp.start({ RATE_LIMITS: 'false', TOKEN_STATUS: 'true' });
    token = await app.adminToken();
    const { paths, components } = openApiOf(app.app);
    operations = Object.entries(paths).flatMap(([path, item]) =>
      Object.entries(item as Record<string, { requestBody?: { content: Record<string, { schema: object }> } }>).map(
        ([method, { requestBody }]): Operation => {
          const [type, media] = Object.entries(requestBody?.content ?? {})[0] ?? [];
          const { $ref: reference = '' } = (media?.schema ?? {}) as { $ref?: string };
          const schema = components!.schemas![reference.split('/').at(-1)!] as { properties?: object } | undefined;
          return {
            method: method.toUpperCase(),
            path: path.replace(/\{n\}/, '99999').replace(/\{\w+\}/g, '0199f3a0-5c1e-7c3a-9f64-2f6f3c1d8b7a'),
            members: Object.keys(schema?.properties ?? {}),
            takesForm: type === 'application/x-www-form-urlencoded',
            isOpen: true,
          };
        },
      ),
    );
    // These answers have no end.
    const endless = new Set(['/revocations/stream', '/audit/stream']);
    operations = operations.filter(({ path }) => !endless.has(path));
    for (const operation of operations) {
      const { status, body } = await app.http.send<{ code?: string }>(operation.method, operation.path);
      operation.isOpen = !(status === 401 && body.code === 'token_missing' && !operation.path.startsWith('/gateway'));
    }
    open = operations.filter(({ isOpen }) => isOpen);
  });
  afterAll(() => app.close());

  const sizeOf = ({ headers, text }: Answer) =>
    text.length + [...headers].reduce((sum, [name, value]) => sum + name.length + value.length + 4, 0);

  /** A refusal is small, lists few faults, and is no fault of ours. */
  function expectSmall(answer: Answer, about: string): void {
    expect(answer.status, about).toBeLessThan(500);
    if (answer.status < 400) return;
    expect(sizeOf(answer), about).toBeLessThan(MAX_REFUSAL);
    const { errors } = (answer.body ?? {}) as unknown as { errors?: FieldFault[] };
    expect(errors?.length ?? 0, about).toBeLessThanOrEqual(MAX_FAULTS);
  }

  const inTurn = async (entries: Record<string, string>, send: (text: string) => Promise<Answer>, about: string) => {
    for (const [name, text] of Object.entries(entries)) expectSmall(await send(text), `${about}: ${name}`);
  };

  it('walks all routes, so that it can fail', () => {
    expect(operations.length).toBeGreaterThan(60);
    expect(open.length).toBeGreaterThan(15);
    expect(operations.filter(({ members }) => members.length > 0).length).toBeGreaterThan(15);
    expect(operations.filter(({ takesForm }) => takesForm).length).toBeGreaterThan(2);
  });

  it('by bodies: no route answers with much', async () => {
    for (const { method, path } of open.filter((operation) => operation.method !== 'GET')) {
      await inTurn(BODIES, (body) => app.http.send(method, path, { body }), `${method} ${path}`);
    }
  });

  it('by the members that a body declares: nor to an administrator', async () => {
    for (const { method, path, members, takesForm } of operations) {
      if (takesForm) continue;
      for (const member of members) {
        const send = (value: string) => app.http.send(method, path, { token, body: `{"${member}":${value}}` });
        await inTurn(VALUES, send, `${method} ${path} ${member}`);
      }
    }
  });

  it('by forms', async () => {
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    for (const { method, path } of operations.filter(({ takesForm }) => takesForm))
      await inTurn(FORMS, (body) => app.http.send(method, path, { body, headers }), `${method} ${path}`);
  });

  it('by queries', async () => {
    for (const { method, path } of open)
      await inTurn(QUERIES, (query) => app.http.send(method, `${path}?${query}`), `${method} ${path}`);
    for (const { path } of operations.filter(({ method, isOpen }) => method === 'GET' && !isOpen))
      await inTurn(QUERIES, (query) => app.http.get(`${path}?${query}`, { token }), `GET ${path}`);
    for (const [name, query] of Object.entries(QUERIES)) {
      const answer = await sendRaw(app.http.baseUrl, [`HEAD /revocations/stream?${query} HTTP/1.1`, 'Host: a']);
      expect(answer.status, name).toBe(400);
    }
  });

  it('by headers', async () => {
    for (const { method, path } of open) {
      for (const [name, value] of Object.entries(HEADERS)) {
        const answer = await app.http.send(method, path, { headers: { [name.trim()]: value } });
        expectSmall(answer, `${method} ${path} ${name}`);
      }
    }
  });

  it('costs little more than any body of that size', async () => {
    const cpuOf = async (body: string) => {
      const before = process.cpuUsage();
      for (let turn = 0; turn < 20; turn++) await app.http.post('/auth/login', body);
      const { user, system } = process.cpuUsage(before);
      return user + system;
    };
    const baseline = JSON.stringify({ email: 'x', password: 'x'.repeat(BODY) });
    await cpuOf(baseline);
    const usual = await cpuOf(baseline);
    for (const [name, body] of Object.entries(BODIES)) expect(await cpuOf(body), name).toBeLessThan(25 * usual);
  });
});

describe('asking for status lists that are not', () => {
  let app: TestApp;
  beforeAll(async () => void (app = await TestApp.start({ RATE_LIMITS: 'false', TOKEN_STATUS: 'true' })));
  afterAll(() => app.close());

  it('asks the database once for all who come meanwhile', async () => {
    const queries = vi.spyOn(Client.prototype, 'query');
    const readings = () => queries.mock.calls.filter(([query]) => JSON.stringify(query).includes('last_value')).length;
    const blocker = app.dataSource.createQueryRunner();
    await blocker.startTransaction();
    try {
      // An exclusive lock, for as long as the transaction lasts.
      await blocker.query('ALTER SEQUENCE session_status_index RENAME TO renamed');
      await blocker.query('ALTER SEQUENCE renamed RENAME TO session_status_index');
      let arrived = 0;
      app.app.getHttpServer().on('request', () => void arrived++);
      const answers = Array.from({ length: 100 }, () => app.http.get('/status-lists/99999'));
      expect(await soon(() => arrived === 100)).toBe(true);
      await blocker.rollbackTransaction();
      for (const { status } of await Promise.all(answers)) expect(status).toBe(404);
      expect(readings()).toBeGreaterThan(0);
      expect(readings()).toBeLessThanOrEqual(3);
    } finally {
      if (blocker.isTransactionActive) await blocker.rollbackTransaction();
      await blocker.release();
      queries.mockRestore();
    }
  });
});
