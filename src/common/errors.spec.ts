import { describe, expect, it } from 'vitest';
import { AppError, ERRORS, gatherErrors, type ErrorCode } from './errors.js';

const entries = Object.entries(ERRORS) as [ErrorCode, (typeof ERRORS)[ErrorCode]][];

describe('the list of errors', () => {
  it.each(entries)('names %s soundly', (code, { status, title, help }) => {
    expect(code).toMatch(/^[a-z]+(_[a-z]+)*$/);
    expect(status).toBeGreaterThanOrEqual(400);
    expect(status).toBeLessThan(600);
    expect(title).toMatch(/^[A-Z].*[^.]$/);
    expect(help).toMatch(/^[A-Z`].*\.$/);
  });

  it('has a title of its own for every code', () => {
    expect(new Set(entries.map(([, { title }]) => title)).size).toBe(entries.length);
  });

  // DESIGN: 401 is always a statement about the credential, and a failing dependency is 503.
  it('says 401 of credentials alone, and 503 of what is away or busy', () => {
    const codesOf = (status: number) =>
      new Set(entries.filter(([, entry]) => entry.status === status).map(([code]) => code));
    const ofCredentials: ErrorCode[] = [
      'invalid_client',
      'token_missing',
      'token_invalid',
      'token_bound',
      'token_revoked',
      'insufficient_user_authentication',
      'mfa_required',
      'mfa_token_invalid',
      'invalid_credentials',
      'refresh_token_invalid',
      'refresh_token_reused',
    ];
    expect(codesOf(401)).toEqual(new Set(ofCredentials));
    expect(codesOf(503)).toEqual(new Set(['overloaded', 'password_hook_unavailable', 'unavailable']));
  });

  it('has no code that two features declare', () => {
    const twice = { last_admin: { status: 409, title: 'Another last administrator', help: 'None.' } };
    expect(() => gatherErrors([twice])).toThrow('The error code last_admin is declared twice: rename one of them');
    expect(ERRORS.last_admin.title).not.toBe(twice.last_admin.title);
  });
});

describe('AppError', () => {
  it('has the status and the title of its code', () => {
    const error = new AppError('last_admin');
    expect(error).toBeInstanceOf(Error);
    expect(error).toMatchObject({
      name: 'AppError',
      code: 'last_admin',
      status: 409,
      message: ERRORS.last_admin.title,
    });
    expect([error.detail, error.errors, error.retryAfterSeconds, error.cause]).toEqual(Array(4).fill(undefined));
  });

  it('carries what was wrong this time', () => {
    const options = {
      detail: 'a detail',
      errors: [{ field: 'email', code: 'email', message: 'email must be an e-mail address' }],
      cause: new Error('for the log'),
      retryAfterSeconds: 0,
    };
    expect(new AppError('rate_limited', options)).toMatchObject(options);
  });
});
