import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Mailbox, tokenIn } from '../support/mailbox.js';
import { sendRaw } from './raw-http.js';

const NEXT = 'nine purple umbrellas';

describe('having a mail lead to the pages of a thief', () => {
  let mailbox: Mailbox;
  beforeAll(
    async () => void (mailbox = await Mailbox.start({ RATE_LIMITS: 'false', TRUSTED_PROXIES: '127.0.0.1/32' })),
  );
  afterAll(() => mailbox.close());

  it.each([
    ['Host', 'Host: evil.example'],
    ['X-Forwarded-Host', 'Host: localhost\r\nX-Forwarded-Host: evil.example\r\nX-Forwarded-Proto: https'],
    ['Forwarded', 'Host: localhost\r\nForwarded: for=203.0.113.9;host=evil.example;proto=https'],
    ['Origin and Referer', 'Host: localhost\r\nOrigin: https://evil.example\r\nReferer: https://evil.example/'],
    ['User-Agent', 'Host: localhost\r\nUser-Agent: Firefox/1 http://evil.example/ <a href=http://evil.example>'],
    ['Accept-Language', 'Host: localhost\r\nAccept-Language: https://evil.example'],
  ])('by the header %s', async (_, headers) => {
    const { app } = mailbox;
    const { email } = await app.createUser();
    const body = JSON.stringify({ email });
    const request = `POST /auth/password/recovery HTTP/1.1\r\n${headers}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`;
    expect((await sendRaw(app.http.baseUrl, request)).status).toBe(202);
    const [mail] = await mailbox.mailsTo(email);
    expect(JSON.stringify(mail)).not.toContain('evil');
    expect(mail!.links).toEqual([`http://localhost:3000/recover#token=${tokenIn(mail!)}`]);
  });

  it.each(['GET', 'HEAD', 'OPTIONS', 'PUT'])('a scanner that opens it by %s uses nothing up', async (method) => {
    const { app } = mailbox;
    const { email } = await app.createUser();
    await app.http.post('/auth/password/recovery', { email });
    const [mail] = await mailbox.mailsTo(email);
    const token = tokenIn(mail!);
    for (const path of ['/auth/password/reset', `/auth/password/reset?token=${token}`]) {
      const { status } = await app.http.send(method, path);
      expect([204, 404, 405]).toContain(status);
    }
    // The page itself is there to be looked at.
    const { status } = await app.http.send(method, `/recover?token=${token}`);
    expect(status).toBe({ GET: 200, HEAD: 200, OPTIONS: 204, PUT: 405 }[method]);
    expect((await app.http.post('/auth/password/reset', { token, password: NEXT })).status).toBe(204);
  });
});
