import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Mailer } from '../../src/platform/mail/mailer.js';
import { SmtpServer } from '../../src/platform/mail/smtp-server.js';
import { soon } from '../flows/service-process.js';
import { TestApp } from '../support/create-app.js';
import { SmtpSink } from '../support/smtp-sink.js';
import { GREETING, greet } from '../support/test-mail.js';

const FROM = { name: 'Example', address: 'no-reply@example.com' };
const ACCOMPLICE = 'accomplice@evil.example';

describe('an attacker who chooses addresses and names', () => {
  let smtp: SmtpSink;
  let app: TestApp;
  beforeAll(async () => {
    smtp = await SmtpSink.start();
    app = await TestApp.start({ SMTP_URL: smtp.url, MAIL_FROM: 'Example <no-reply@example.com>' });
    app.app.get(Mailer).add(GREETING);
  });
  afterAll(async () => {
    await app?.close();
    await smtp?.stop();
  });
  beforeEach(() => void (smtp.received.length = 0));

  const isEmpty = () =>
    soon(async () => (await app.dataSource.query<unknown[]>('SELECT 1 FROM outbox_messages')).length === 0);

  it.each([
    `alice@example.com, ${ACCOMPLICE}`,
    `alice@example.com,${ACCOMPLICE}`,
    `alice@example.com;${ACCOMPLICE}`,
    `alice@example.com\r\nBcc: ${ACCOMPLICE}`,
    `alice@example.com\nBcc: ${ACCOMPLICE}`,
    `alice@example.com>\r\nRCPT TO:<${ACCOMPLICE}`,
    `${ACCOMPLICE}\0@example.com`,
    `friends: alice@example.com, ${ACCOMPLICE};`,
    `"alice@example.com ${ACCOMPLICE}"@example.com`,
    `"${ACCOMPLICE}> x"@example.com`,
    `"alice\\" <${ACCOMPLICE}>"@example.com`,
    `<${ACCOMPLICE}>alice@example.com`,
    `alice <${ACCOMPLICE}>`,
    `${ACCOMPLICE} (alice@example.com)`,
    `@evil.example:alice@example.com`,
    `alice%evil.example@[127.0.0.1]`,
    `alice@example.com@evil.example`,
    `alice@example.com＠evil.example`,
    `alice＼＠x@example.com`,
    `alice@example.com\u2028${ACCOMPLICE}`,
  ])('mails nobody by the address %j', async (to) => {
    await expect(greet(app, { to })).rejects.toThrow('no address');
    expect(await app.dataSource.query('SELECT 1 FROM outbox_messages')).toEqual([]);
  });

  it.each([
    `x\r\nBcc: ${ACCOMPLICE}\r\n\r\nyours`,
    `x\nContent-Type: text/html\n\n<b>yours</b>`,
    `x\u2028Bcc: ${ACCOMPLICE}`,
    `=?utf-8?Q?x=0D=0ABcc:_${ACCOMPLICE}?=`,
    `<script>alert(1)</script>`,
    `"><img src=x onerror=alert(1)>`,
    `</title><meta http-equiv=refresh content="0;url=//evil.example">`,
    `{{service}} {{to}} {{name}} {{token}}`,
    '${process.env.SECRET_KEY}',
    '<%= 7*7 %> #{7*7} {7*7} {% x %}',
    '\u202Emoc.elpmaxe\u202C',
    'x'.repeat(5_000),
  ])('adds no header, recipient, element or value by the name %j', async (name) => {
    await greet(app, { payload: { name } });
    const [{ to, raw, parsed }] = (await smtp.has(1)) as [(typeof smtp.received)[0]];
    expect(to).toEqual(['alice@example.com']);
    const [head] = raw.split('\r\n\r\n', 1);
    const headers = head!.split(/\r\n(?![ \t])/).map((line) => line.split(':', 1)[0]!.toLowerCase());
    const expected = ['from', 'to', 'message-id', 'date', 'subject', 'auto-submitted', 'mime-version', 'content-type'];
    expect(headers.toSorted()).toEqual(expected.toSorted());
    expect(parsed.subject!.length).toBeLessThan(300);
    // A value is text: what looks like a placeholder or an expression in it is said as it is.
    const said = name.startsWith('{{') || name.startsWith('$') || name.startsWith('<%');
    if (said) expect(parsed.text).toContain(name);
    expect(String(parsed.html)).not.toMatch(/<(script|img|meta http)/i);
    expect(String(parsed.html).match(/<title>/g)).toHaveLength(1);
    expect(raw).not.toMatch(/[\u202a-\u202e]/u);
    await isEmpty();
  });

  it.each([`alice@example.com, ${ACCOMPLICE}`, `alice@example.com\r\nRCPT TO:<${ACCOMPLICE}>`, '', null, [ACCOMPLICE]])(
    'mails nobody by a recipient that is written into the outbox: %j',
    async (to) => {
      const stored = JSON.stringify({ kind: GREETING.name, to, locale: 'en', payload: { name: 'Alice' } });
      await app.dataSource.query(
        `INSERT INTO outbox_messages (id, kind, payload, due_at, expires_at)
         VALUES (gen_random_uuid(), 'mail', $1, now(), now() + interval '1 hour')`,
        [stored],
      );
      const isFailed = `SELECT 1 FROM outbox_messages WHERE last_error IS NOT NULL`;
      expect(await soon(async () => (await app.dataSource.query<unknown[]>(isFailed)).length === 1)).toBe(true);
      expect(smtp.received).toEqual([]);
      await app.dataSource.query('DELETE FROM outbox_messages');
    },
  );

  it('adds no header by a subject that reaches the library as it is', async () => {
    const server = new SmtpServer(smtp.url);
    const content = { subject: `a\r\nBcc: ${ACCOMPLICE}`, text: 'a', html: 'a', links: [] };
    const mail = { ...content, at: new Date(), messageId: '1@example.com', from: FROM, replyTo: null };
    try {
      await server.deliver({ ...mail, to: 'alice@example.com' }, AbortSignal.timeout(60_000));
    } finally {
      server.close();
    }
    expect(smtp.received.map(({ to, parsed }) => [to, parsed.bcc])).toEqual([[['alice@example.com'], undefined]]);
  });
});
