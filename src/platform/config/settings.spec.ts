import { describe, expect, it } from 'vitest';
import type { Setting } from './setting.js';
import { SETTINGS } from './settings.js';

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

  it('are secret where they hold a secret', () => {
    const secrets = all.filter(({ secret }) => secret).map(({ env }) => env);
    expect(secrets).toEqual(['SECRET_KEY', 'DATABASE_URL', 'ADMIN_PASSWORD', 'JWT_SECRET', 'REDIS_URL']);
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
    // No verifier need grant more than 60 minutes, and no key signs before caches have had 2 hours to learn of it.
    expect(refused(SETTINGS.accessTokenTtl, '60m')).toBe(false);
    expect(refused(SETTINGS.accessTokenTtl, '3601s')).toBe(true);
    expect(refused(SETTINGS.keyPublishAhead, '2h')).toBe(false);
    expect(refused(SETTINGS.keyPublishAhead, '7199s')).toBe(true);
    expect(refused(SETTINGS.hashMemoryKib, '7168')).toBe(false);
    expect(refused(SETTINGS.hashMemoryKib, '7167')).toBe(true);
  });
});
