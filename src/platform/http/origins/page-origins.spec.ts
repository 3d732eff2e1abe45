import { describe, expect, it } from 'vitest';
import { actsForUser, pageOrigins } from './page-origins.js';

const LOCAL = [
  'http://localhost:5173',
  'http://127.0.0.1:3000',
  'http://[::1]:4200',
  'https://localhost',
  'http://localhost',
];
const FOREIGN = [
  'http://localhost.evil.example',
  'http://evil.example:5173',
  'http://localhost:5173.evil.example',
  'http://localhost@evil.example',
  'http://127.0.0.10:80',
  'null',
  '',
  'http://localhost:5173/',
  'x http://localhost:5173',
];
const of = (environment: 'development' | 'test' | 'production', corsOrigins: string[] = []) => ({
  environment,
  corsOrigins,
  publicUrl: 'https://auth.example.com',
});

describe('a page of the own machine', () => {
  it('acts for the user in development, and no other page does', () => {
    const acts = actsForUser(of('development'));
    expect(LOCAL.filter(acts)).toEqual(LOCAL);
    expect(FOREIGN.filter(acts)).toEqual([]);
    expect(acts('https://auth.example.com')).toBe(true);
  });

  it.each(['test', 'production'] as const)('is one like every other in %s', (environment) => {
    expect(pageOrigins(of(environment))).toEqual([]);
    expect([...LOCAL, ...FOREIGN].filter(actsForUser(of(environment)))).toEqual([]);
  });

  it('is no exception where CORS_ORIGINS is set', () => {
    const config = of('development', ['https://app.example.com', '*']);
    expect(pageOrigins(config)).toEqual(config.corsOrigins);
    const asked = [...LOCAL, ...FOREIGN, 'https://app.example.com', '*'];
    expect(asked.filter(actsForUser(config))).toEqual(['https://app.example.com']);
  });
});
