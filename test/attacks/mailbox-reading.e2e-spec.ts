import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Mailbox } from '../support/mailbox.js';
import { askRaw, sendRaw } from './raw-http.js';

describe('reading the mailbox of development, whose links open every account', () => {
  let mailbox: Mailbox;
  beforeAll(async () => void (mailbox = await Mailbox.start({ CORS_ORIGINS: '*', LOG_LEVEL: 'info' })));
  afterAll(() => mailbox.close());

  const statusOf = async (path: string, headers: string[]) => {
    const { status } = await sendRaw(mailbox.app.http.baseUrl, [
      `GET ${path} HTTP/1.1`,
      'Connection: close',
      ...headers,
    ]);
    return status;
  };

  describe.each(['/dev/mailbox', '/dev/mailbox.json'])('%s', (path) => {
    it.each([
      ['a page whose name was made to lead here', ['Host: evil.example:3000']],
      ['a page whose name ends like ours', ['Host: localhost.evil.example']],
      ['a page that CORS admits', ['Host: localhost:3000', 'Origin: https://evil.example']],
      ['a page in a sandbox', ['Host: localhost:3000', 'Origin: null']],
      ['a caller of a proxy that keeps the name', ['Host: auth.example.com']],
      ['a caller of a proxy that states them', ['Host: localhost:3000', 'X-Forwarded-For: 203.0.113.9']],
      ['a caller of a proxy with the header of RFC 7239', ['Host: localhost:3000', 'Forwarded: for=203.0.113.9']],
    ])('by %s', async (_, headers) => {
      expect(await statusOf(path, headers)).toBe(404);
    });

    it.each(['203.0.113.9', '::ffff:10.0.0.9', 'fe80::1'])('by another machine, from %s', async (remoteAddress) => {
      const request = { method: 'GET', url: path, headers: { host: 'localhost:3000' } } as const;
      expect(await mailbox.app.app.inject({ ...request, remoteAddress })).toMatchObject({ statusCode: 404 });
      const ours = await mailbox.app.app.inject({ ...request, remoteAddress: '::ffff:127.0.0.1' });
      expect(ours.statusCode).toBe(200);
    });

    it.each(['localhost:3000', '127.0.0.1:3000', '[::1]:3000', 'auth.localhost'])(
      'is open to its machine as %s',
      async (host) => {
        expect(await statusOf(path, [`Host: ${host}`])).toBe(200);
        expect(await statusOf(path, [`Host: ${host}`, 'Origin: http://localhost:5173'])).toBe(200);
      },
    );
  });

  it('tells the operator why', async () => {
    await askRaw(mailbox.app.http.baseUrl, 'GET', '/dev/mailbox.json', ['Origin: https://evil.example']);
    expect(mailbox.app.logLines.join()).toContain('Origin: expected this machine');
  });
});
