import type { FastifyReply } from 'fastify';
import { describe, expect, it } from 'vitest';
import { loadConfig, type Environment } from '../../platform/config/config.js';
import { KnownDevices } from './known-device.js';

const BASE64URL = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const secretOf = (seed: number) => Buffer.from(Array.from({ length: 32 }, (_, i) => i + seed)).toString('base64');
const devicesWith = (environment: Environment = {}) =>
  new KnownDevices(
    loadConfig({ NODE_ENV: 'test', SECRET_KEY: secretOf(0), PUBLIC_URL: 'https://auth.example.com', ...environment }),
  );

const ALICE = 'alice@example.com';
const USER = '0190f3a4-5b6c-7def-8123-456789abcdef';
const devices = devicesWith();

/** Returns the `Set-Cookie` of an answer to this account. */
function cookieFor(account: string, from = devices): string {
  const sent: [string, string][] = [];
  from.remember(
    { header: (name: string, value: string) => sent.push([name, value]) } as unknown as FastifyReply,
    account,
    USER,
  );
  expect(sent.map(([name]) => name)).toEqual(['Set-Cookie', 'Set-Cookie', 'Set-Cookie']);
  expect(sent.map(([, value]) => /Path=([^;]*)/.exec(value)![1])).toEqual(['/auth', '/sign-in', '/interactions']);
  return sent[0]![1];
}
const pairOf = (setCookie: string): string => setCookie.split(';')[0]!;
const recognise = (cookie: string | undefined, account = ALICE, by = devices) =>
  by.recognise({ headers: { cookie } }, account)?.id ?? null;

describe('the cookie of a known device', () => {
  it('goes to sign-in over TLS alone, out of reach of scripts and other sites', () => {
    expect(cookieFor(ALICE)).toMatch(
      /^__Secure-countersign-device=[\w-]{59}; Path=\/auth; Max-Age=31536000; HttpOnly; SameSite=Strict; Secure$/,
    );
  });

  it('does without TLS where the service does', () => {
    expect(cookieFor(ALICE, devicesWith({ PUBLIC_URL: 'http://localhost:3000' }))).toMatch(
      /^countersign-device=[\w-]{59}; Path=\/auth; Max-Age=31536000; HttpOnly; SameSite=Strict$/,
    );
  });

  it('says nothing of the account', () => {
    const value = Buffer.from(pairOf(cookieFor(ALICE)).split('=')[1]!, 'base64url').toString('latin1');
    expect(value).not.toContain('alice');
  });
});

describe('a device', () => {
  const pair = pairOf(cookieFor(ALICE));

  it('is recognised, always by the same id', () => {
    const id = recognise(pair);
    expect(id).toMatch(/^[\w-]{16}$/);
    expect(recognise(pair)).toBe(id);
  });

  it('states whose it is', () => {
    expect(devices.recognise({ headers: { cookie: pair } }, ALICE)?.userId).toBe(USER);
  });

  it('is recognised after a restart, and among other cookies', () => {
    expect(recognise(pair, ALICE, devicesWith())).toBe(recognise(pair));
    expect(recognise(`a=b; ${pair}; c=d`)).toBe(recognise(pair));
    expect(recognise(`a=b;${pair}`)).toBe(recognise(pair));
  });

  it('has an id of its own', () => {
    const ids = Array.from({ length: 50 }, () => recognise(pairOf(cookieFor(ALICE))));
    expect(new Set(ids).size).toBe(50);
    expect(ids).not.toContain(null);
  });

  it('is strange to every other account', () => {
    expect(recognise(pair, 'bob@example.com')).toBeNull();
    expect(recognise(pair, `${ALICE}x`)).toBeNull();
    expect(recognise(pair, '')).toBeNull();
  });

  it('is strange to a service with another secret, and to one under another name', () => {
    expect(recognise(pair, ALICE, devicesWith({ SECRET_KEY: secretOf(1) }))).toBeNull();
    expect(recognise(pair, ALICE, devicesWith({ PUBLIC_URL: 'http://localhost:3000' }))).toBeNull();
  });

  it('is strange with any bit of its cookie flipped', () => {
    const [name, value] = pair.split('=') as [string, string];
    const bytes = Buffer.from(value, 'base64url');
    const survivors = Array.from({ length: bytes.length * 8 }, (_, bit) => {
      const altered = Buffer.from(bytes);
      altered[bit >> 3]! ^= 1 << (bit & 7);
      return recognise(`${name}=${altered.toString('base64url')}`);
    }).filter((id) => id !== null);
    expect(survivors).toEqual([]);
  });

  it('gains no second id, and so no second set of attempts, by another spelling', () => {
    const spellings = [...BASE64URL].map((last) => recognise(pair.slice(0, -1) + last)).filter((id) => id !== null);
    expect(new Set(spellings)).toEqual(new Set([recognise(pair)]));
  });

  it.each([
    ['no cookie', undefined],
    ['an empty header', ''],
    ['another cookie', 'session=x'],
    ['a name alone', '__Secure-countersign-device'],
    ['an empty value', '__Secure-countersign-device='],
    ['too short a value', pair.slice(0, -1)],
    ['too long a value', `${pair}A`],
    ['a quoted value', pair.replace('=', '="').concat('"')],
    ['a longer name', `x${pair}`],
    ['another case', pair.replace('__Secure', '__secure')],
  ])('is strange with %s', (_, cookie) => expect(recognise(cookie)).toBeNull());
});
