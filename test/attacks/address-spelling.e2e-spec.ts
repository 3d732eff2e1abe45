import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PASSWORD, TestApp } from '../support/create-app.js';

/** What a URL parser drops, cuts off or decodes in a host name, and no mail server does. */
const SUFFIXES = [
  ...'# / ? \\ : #evil.example /evil.example ?x=1 \\evil.example :80 /<script> \uff03x \u2100 %2f'.split(' '),
  '#\r\nSubject: hello',
  '#\0',
];
const INVISIBLE = ['\t', '\n', '\r', '\0', ' ', '\u00ad', '\u200b', '\u2060', '\ufeff'];

describe('writing the address of another account in a way that only a careless reader takes for it', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await TestApp.start({ RATE_LIMITS: 'false' });
    await app.createUser({ email: 'victim@example.com' });
  });
  afterAll(() => app.close());

  const spellings = [
    ...SUFFIXES.map((suffix) => `victim@example.com${suffix}`),
    ...INVISIBLE.flatMap((text) => [`victim@exam${text}ple.com`, `vic${text}tim@example.com`]),
    ...'victim@ex%61mple.com victim@%65xample.com victim@exam%00ple.com victim@exam%ple.com'.split(' '),
    ...'victim@example.com. victim@.example.com victim@[example.com] victim@@example.com <victim@example.com>'.split(
      ' ',
    ),
    ...'mailto:victim@example.com "victim"@example.com victim@example.com,x@evil.example victim@example.com;'.split(
      ' ',
    ),
    ' victim@example.com',
    'victim@example.com ',
  ];

  it.each(spellings)('%j neither signs in nor is registered', async (email) => {
    const login = await app.http.post('/auth/login', { email, password: PASSWORD });
    expect(login.status).toBe(400);
    const registration = await app.http.post('/auth/register', {
      email: email.replace('victim', 'free'),
      password: PASSWORD,
    });
    expect(registration.status).toBe(400);
  });

  it.each([
    'VICTIM@EXAMPLE.COM',
    'Victim@Example.com',
    '\uff56ictim@example.com',
    'victim@\uff45xample.com',
    'victim\uff20example.com',
    'victim@example\u3002com',
  ])('%j is the same address, so that this test can fail', async (email) => {
    expect((await app.http.post('/auth/login', { email, password: PASSWORD })).status).toBe(200);
    const registration = await app.http.post<{ code: string }>('/auth/register', { email, password: PASSWORD });
    expect(registration).toMatchObject({ status: 409, body: { code: 'email_taken' } });
  });

  it.each([
    'v\u0456ctim@example.com',
    'victim@ex\u0430mple.com',
    'victim+x@example.com',
    'vic.tim@example.com',
    'victim@mail.example.com',
  ])('%j is another address', async (email) => {
    expect((await app.http.post('/auth/login', { email, password: PASSWORD })).status).toBe(401);
  });
});
