import { describe, expect, it } from 'vitest';
import { ConfigError, loadConfig, type Environment } from '../config/config.js';
import { MailLinks } from './mail-links.js';

const SECRET_KEY = 'q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA5Tm2Lx0cWdw==';
const PRODUCTION = {
  NODE_ENV: 'production',
  DATABASE_URL: 'postgres://127.0.0.1/x',
  PUBLIC_URL: 'https://auth.example.com',
};
const load = (environment: Environment) => loadConfig({ SECRET_KEY, ...environment });

function faultsOf(environment: Environment): string[] {
  try {
    load(environment);
    return [];
  } catch (error) {
    return (error as ConfigError).faults;
  }
}

describe('SMTP_URL', () => {
  it.each([
    'smtp://smtp.example.com',
    'smtps://user:p%40ss@smtp.example.com:4650',
    'SMTP://127.0.0.1:1025/',
    'smtp://[::1]:25',
  ])('may be %s', (url) => expect(faultsOf({ SMTP_URL: url, MAIL_FROM: 'a@example.com' })).toEqual([]));

  it.each([
    'smtp.example.com',
    'http://smtp.example.com',
    'smtp://',
    'smtp://user:p@ss@smtp.example.com',
    // The library would take such options.
    'smtp://smtp.example.com?pool=true&tls.rejectUnauthorized=false',
    'smtp://smtp.example.com/path',
  ])('may not be %s, and the fault does not repeat it', (url) => {
    const faults = faultsOf({ SMTP_URL: url, MAIL_FROM: 'a@example.com' });
    expect(faults).toEqual([expect.stringMatching(/^SMTP_URL /)]);
    expect(faults[0]).not.toContain('smtp.example.com');
  });

  it('needs a sender', () =>
    expect(faultsOf({ SMTP_URL: 'smtp://127.0.0.1' })).toEqual([expect.stringMatching(/^MAIL_FROM is required/)]));
});

describe('MAIL_FROM', () => {
  it.each([
    ['a@example.com', '', 'a@example.com'],
    ['<a@example.com>', '', 'a@example.com'],
    ['Example & Söhne <a@bücher.example>', 'Example & Söhne', 'a@xn--bcher-kva.example'],
  ])('%s', (text, name, address) => expect(load({ MAIL_FROM: text }).mailFrom).toEqual({ name, address }));

  it.each([
    'a',
    'Example',
    'a@example.com, b@example.com',
    'a@example.com\r\nBcc: b@example.com',
    '"E" <a@example.com>',
  ])('may not be %j', (text) => expect(faultsOf({ MAIL_FROM: text })).toEqual([expect.stringMatching(/^MAIL_FROM /)]));
});

describe('SERVICE_NAME', () => {
  it.each(['a\nb', 'x'.repeat(61)])('may not be %j', (text) =>
    expect(faultsOf({ SERVICE_NAME: text })).toEqual([expect.stringMatching(/^SERVICE_NAME /)]),
  );
});

describe('links in mail', () => {
  const PUBLIC_URL = 'https://auth.example.com';
  it.each([
    [undefined, 'https://auth.example.com/recover#token=a%20b'],
    ['https://app.example.com', 'https://app.example.com/recover#token=a%20b'],
    ['https://app.example.com/account/', 'https://app.example.com/account/recover#token=a%20b'],
    ['https://app.example.com/{page}?token={token}', 'https://app.example.com/recover?token=a%20b'],
    ['https://app.example.com/#/{page}/{token}', 'https://app.example.com/#/recover/a%20b'],
    ['https://app.example.com/?t={token}&p={page}', 'https://app.example.com/?t=a%20b&p=recover'],
  ])('of APP_URL %s', (APP_URL, link) =>
    expect(new MailLinks(load({ PUBLIC_URL, APP_URL })).to('recover', 'a b')).toBe(link),
  );

  it.each([
    'app.example.com',
    'ftp://app.example.com',
    'https://user:pass@app.example.com',
    'https://app.example.com/?a=b',
    'https://app.example.com/#/',
    'https://app.example.com/{page}',
    'https://app.example.com/{page}/{token}/{token}',
    'https://app.example.com/{page}/{token}/{user}',
    'https://{page}.example.com/{token}',
    'https://app.example.com/{page}?token={token',
  ])('are not made of APP_URL %s', (APP_URL) =>
    expect(faultsOf({ APP_URL })).toEqual([expect.stringMatching(/^APP_URL /)]),
  );

  it('are https in production, but for loopback', () => {
    const secret = { SECRET_KEY: 'hN1vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA5Tm2Lx0cWdw==' };
    const faults = (APP_URL: string) => faultsOf({ ...PRODUCTION, ...secret, APP_URL });
    expect(faults('http://app.example.com')).toEqual(['APP_URL must be https in production']);
    expect(faults('http://localhost:5173')).toEqual([]);
  });
});
