import { describe, expect, it } from 'vitest';
import { loadConfig } from '../platform/config/config.js';
import { SsrfSafeHttpClient } from '../platform/http-client/ssrf-safe-http-client.js';
import { PasswordHook } from './password-hook.js';

const hookAt = (url: string) => {
  const config = loadConfig({
    NODE_ENV: 'production',
    SECRET_KEY: 'q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA5Tm2Lx0cWdw==',
    PUBLIC_URL: 'https://auth.example.com',
    DATABASE_URL: 'postgres://127.0.0.1/x',
    PASSWORD_HOOK_URL: url,
    PASSWORD_HOOK_TIMEOUT: '1s',
    PASSWORD_HOOK_SECRET: 'what-the-old-system-knows-us-by-0123456789',
  });
  return new PasswordHook(config, new SsrfSafeHttpClient(config));
};

describe('a password hook in production', () => {
  it.each(['https://old.example.com/check', 'https://1.1.1.1/check'])('may be at %s', (url) =>
    expect(hookAt(url).isSet).toBe(true),
  );

  it.each([
    'http://old.example.com/check',
    'http://127.0.0.1/check',
    'https://127.0.0.1/check',
    'https://169.254.169.254/latest/meta-data',
    'https://10.0.0.7/check',
    'https://[::1]/check',
    'https://[::ffff:10.0.0.7]/check',
  ])('may not be at %s', (url) => expect(() => hookAt(url)).toThrow(/PASSWORD_HOOK_URL must/));

  it('is asked nothing where its name leads to a private address', async () => {
    await expect(
      hookAt('https://localhost/check').isRight({ email: 'a@example.com', password: 'x' }),
    ).rejects.toMatchObject({
      code: 'password_hook_unavailable',
    });
  });
});
