import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AuditLog } from '../../src/audit/audit-log.js';
import type { AuditEventView } from '../../src/audit/audit.view.js';
import { BY_TEST } from '../support/cause.js';
import { TestApp } from '../support/create-app.js';

describe('an auditor exports the log', () => {
  let app: TestApp;
  let token: string;
  beforeAll(async () => {
    app = await TestApp.start({ RATE_LIMITS: 'false' });
    token = (await app.signedInUser({ roles: ['auditor'] })).tokens.access_token;
    const log = app.app.get(AuditLog);
    // More than two pages.
    for (let n = 0; n < 2_500; n++) await log.record({ event: 'user.read', subject: `subject ${n}` }, BY_TEST);
  });
  afterAll(() => app.close());

  const read = (query: string) => app.http.get(`/audit/export?${query}`, { token });

  it('as lines of JSON, each event once, the newest first', async () => {
    const path = '/audit/export?event=user.read';
    const answer = await fetch(app.http.baseUrl + path, { headers: { authorization: `Bearer ${token}` } });
    const { status, headers } = answer;
    const text = await answer.text();
    expect([status, headers.get('content-type')]).toEqual([200, 'application/x-ndjson']);
    expect(headers.get('content-disposition')).toBe('attachment; filename="audit.jsonl"');
    const events = text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as AuditEventView);
    expect(events.map(({ subject }) => subject)).toEqual(
      Array.from({ length: 2_500 }, (_, n) => `subject ${2_499 - n}`),
    );
  });

  it('as a table, in which no text of a stranger is a formula', async () => {
    const evil = { actor: { kind: 'user', id: '=HYPERLINK("http://evil.example")' }, requestId: '-1+1' } as const;
    const cause = { ...evil, onBehalfOf: null, client: '@SUM(A1)', address: '203.0.113.7' };
    await app.app.get(AuditLog).record({ event: 'user.read', subject: 'formula', reason: '+1' }, cause);
    const { text, headers } = await read('format=csv&subject=formula');
    expect(headers.get('content-type')).toMatch(/^text\/csv/);
    const [head, line] = text.split('\r\n');
    expect(head).toBe('seq,id,at,event,outcome,reason,actor,subject,client,address,request_id,details');
    expect(line).toContain(
      `,success,'+1,"'=HYPERLINK(""http://evil.example"")",formula,'@SUM(A1),203.0.113.7,'-1+1,{}`,
    );
  });

  it('and that is recorded, and refused to others', async () => {
    await read('format=csv&subject=formula');
    const { body } = await app.http.get<{ items: AuditEventView[] }>('/audit?event=audit.exported&limit=1', { token });
    expect(body.items[0]!.details).toEqual({ filters: ['format', 'subject'] });
    const { tokens } = await app.signedInUser();
    expect(await app.http.get('/audit/export', { token: tokens.access_token })).toMatchObject({ status: 403 });
    expect(await read('format=xml')).toMatchObject({ status: 400 });
    expect(await read('limit=3')).toMatchObject({ status: 400 });
  });
});
