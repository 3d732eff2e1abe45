import { describe, expect, it } from 'vitest';
import { SettingFault, text, type Setting } from './setting.js';
import { gatherSettings, section, SETTINGS } from './settings.js';

const all = Object.values(SETTINGS) as Setting<unknown>[];

describe('the settings', () => {
  it.each(all.map((setting) => [setting.env, setting] as const))(
    'document %s',
    (env, { doc, form, fallback, parse }) => {
      expect(env).toMatch(/^[A-Z]+(_[A-Z]+)*$/);
      expect(doc).toMatch(/^[A-Za-z`].*\.$/);
      expect(form).not.toBe('');
      if (fallback !== null) expect(() => parse(fallback)).not.toThrow();
    },
  );

  it('have one variable each', () => expect(new Set(all.map(({ env }) => env)).size).toBe(all.length));

  it.each([
    ['name', { port: text('ANOTHER_PORT', { doc: 'Another.' }) }],
    ['variable', { anotherPort: text('PORT', { doc: 'Another.' }) }],
  ])('are not declared by two features under the same %s', (_, settings) =>
    expect(() => gatherSettings([section(settings)])).toThrow(/PORT\) is declared twice: rename one of them/),
  );

  it('are secret where they hold a secret', () => {
    const secrets = all.filter(({ secret }) => secret).map(({ env }) => env);
    expect(secrets).toEqual([
      'SECRET_KEY',
      'METRICS_TOKEN',
      'DATABASE_URL',
      'DATABASE_DIRECT_URL',
      'ADMIN_PASSWORD',
      'JWT_SECRET',
      'FIREBASE_SCRYPT',
      'PASSWORD_HOOK_SECRET',
      'REDIS_URL',
      'SMTP_URL',
      'AUDIT_FORWARD_WEBHOOK_URL',
      'AUDIT_FORWARD_WEBHOOK_SECRET',
    ]);
    for (const { fallback } of all.filter(({ secret }) => secret)) expect(fallback).toBeNull();
  });

  it('are documented in the terms of the bounds that hold', () => {
    const refused = (setting: Setting<unknown>, value: string) => {
      try {
        return setting.parse(value) === undefined;
      } catch {
        return true;
      }
    };
    // Verifiers may rely on at most 60 minutes, and no key signs before caches have had 2 hours to fetch it.
    expect(refused(SETTINGS.accessTokenTtl, '60m')).toBe(false);
    expect(refused(SETTINGS.accessTokenTtl, '3601s')).toBe(true);
    expect(refused(SETTINGS.keyPublishAhead, '2h')).toBe(false);
    expect(refused(SETTINGS.keyPublishAhead, '7199s')).toBe(true);
    expect(refused(SETTINGS.hashMemoryKib, '7168')).toBe(false);
    expect(refused(SETTINGS.hashMemoryKib, '7167')).toBe(true);
  });
});

describe('the parameters of a Firebase project', () => {
  const KEY = 'jxspr8Ki0RYycVU8zykbdLGjFQ3McFUH0uiiTvC8pVMXAn210wjLNmdZJzxUECKbm0QsEmYUSDzZvpjeJ9WmXA==';
  const shown = (key = KEY, separator = 'Bw==', rounds = '8', cost = '14') =>
    `hash_config {\n  algorithm: SCRYPT,\n  base64_signer_key: ${key},\n  base64_salt_separator: ${separator},\n  rounds: ${rounds},\n  mem_cost: ${cost},\n}`;

  it.each([
    ['as the console shows them', shown()],
    ['in one line', shown().replaceAll(/\s+/g, ' ')],
    ['as JSON', JSON.stringify({ base64_signer_key: KEY, base64_salt_separator: 'Bw==', rounds: 8, mem_cost: 14 })],
  ])('are read %s', (_, value) =>
    expect(SETTINGS.firebaseScrypt.parse(value)).toEqual({
      signerKey: Buffer.from(KEY, 'base64'),
      saltSeparator: Buffer.of(7),
      rounds: 8,
      memoryCost: 14,
    }),
  );

  it.each([
    ['without a key', shown('')],
    ['with a short key', shown('Bw==')],
    ['without separator', shown().replace(/ *base64_salt_separator.*\n/, '')],
    ['without rounds', shown(KEY, 'Bw==', '')],
    ['with dear rounds', shown(KEY, 'Bw==', '9')],
    ['with a dear memory cost', shown(KEY, 'Bw==', '8', '16')],
    ['with a memory cost of three digits', shown(KEY, 'Bw==', '8', '140')],
    ['with a key alone', KEY],
  ])('are not taken %s', (_, value) => expect(() => SETTINGS.firebaseScrypt.parse(value)).toThrow(SettingFault));
});
