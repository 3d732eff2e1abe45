import { describe, expect, it } from 'vitest';
import { AppError, type ErrorCode } from '../common/errors.js';
import { refusalAt, refusalOf } from './refusal.js';

describe('the refusal of a gateway’s client', () => {
  it.each<ErrorCode>(['token_missing', 'token_invalid', 'token_revoked', 'forbidden', 'no_verdict'])(
    'is a statement about the request where that is known: %s',
    (code) => {
      const error = new AppError(code);
      expect(refusalOf(error)).toBe(error);
    },
  );

  it.each<ErrorCode>(['unavailable', 'overloaded', 'internal', 'duplicate_header', 'rate_limited'])(
    'is no verdict for everything else: %s',
    (code) => expect(refusalOf(new AppError(code))).toMatchObject({ code: 'no_verdict', status: 403 }),
  );

  it('tells nothing of what went wrong inside', () => {
    const refusal = refusalOf(new Error('secret of the house'));
    expect(refusal).toMatchObject({ code: 'no_verdict', status: 403, cause: { message: 'secret of the house' } });
    expect(`${refusal.message} ${refusal.detail}`).not.toContain('secret');
  });
});

describe('the refusal of a request that reaches no route', () => {
  const error = new AppError('header_too_large');

  it.each(['/gateway/verify', '/gateway/verify?role=%', '/gateway/verify/%zz', '/gateway/verify#x'])(
    'is no verdict at %s',
    (target) => expect(refusalAt(target, error)).toMatchObject({ code: 'no_verdict', detail: error.message }),
  );

  it.each(['', '/', '/gateway/verifyx', '/auth/me?x=/gateway/verify', 'http://a/gateway/verify'])(
    'is what it is at %j',
    (target) => expect(refusalAt(target, error)).toBe(error),
  );
});
