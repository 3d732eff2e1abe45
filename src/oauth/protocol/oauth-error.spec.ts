import { describe, expect, it } from 'vitest';
import { AppError, ERRORS, type ErrorCode } from '../../common/errors.js';
import { oauthErrorOf } from './oauth-error.js';

describe('an error where OAuth is spoken', () => {
  it.each([
    'invalid_request',
    'invalid_client',
    'invalid_grant',
    'unauthorized_client',
    'unsupported_grant_type',
    'invalid_scope',
    'invalid_target',
  ] as const)('is called %s, as RFC 6749 5.2 or an extension has it', (code) =>
    expect(oauthErrorOf(new AppError(code)).error).toBe(code),
  );

  it.each(['token_invalid', 'token_revoked', 'token_bound'] as const)(
    'is invalid_token for %s (RFC 6750 3.1)',
    (code) => expect(oauthErrorOf(new AppError(code)).error).toBe('invalid_token'),
  );

  it('is of a name that RFC 6749 or an extension of it knows, whatever it is', () => {
    const names = (Object.keys(ERRORS) as ErrorCode[]).map((code) => oauthErrorOf(new AppError(code)).error);
    for (const name of names)
      expect(name).toMatch(
        /^(invalid_\w+|un\w+|use_dpop_nonce|temporarily_unavailable|server_error|insufficient_scope|access_denied|(login|consent)_required|request(_uri)?_not_supported)$/,
      );
    expect(oauthErrorOf(new AppError('rate_limited')).error).toBe('temporarily_unavailable');
    expect(oauthErrorOf(new AppError('unavailable')).error).toBe('temporarily_unavailable');
    expect(oauthErrorOf(new AppError('internal')).error).toBe('server_error');
    expect(oauthErrorOf(new AppError('body_too_large')).error).toBe('invalid_request');
  });

  it('says what is wrong, in the characters that are allowed', () => {
    const errors = [{ field: 'scope', code: 'is_string', message: 'scope must be "text"' }];
    const { error_description } = oauthErrorOf(new AppError('invalid_request', { detail: 'é\\\n', errors }));
    expect(error_description).toBe("The request is not valid: ''': scope must be 'text'");
    for (const code of Object.keys(ERRORS) as ErrorCode[]) {
      expect(oauthErrorOf(new AppError(code)).error_description).toMatch(/^[\x20-\x21\x23-\x5b\x5d-\x7e]+$/);
    }
  });
});
