import { describe, expect, it } from 'vitest';
import { decideSignIn, refusalOf, type ProvedUser } from './decide-sign-in.js';
import type { SignInMethod, SignInProof } from './sign-in-proof.js';

const PASSWORD: SignInMethod = { method: 'password', amr: ['pwd'], factors: ['knowledge'] };
const TOTP: SignInMethod = { method: 'totp', amr: ['otp'], factors: ['possession'] };
const PASSKEY: SignInMethod = { method: 'passkey', amr: ['hwk', 'user'], factors: ['possession', 'inherence'] };
const PIN: SignInMethod = { method: 'pin', amr: ['pwd'], factors: ['knowledge'] };

const MORNING = new Date('2026-03-01T08:00:00Z');
const LATER = new Date('2026-03-01T08:01:00Z');

const proof = (method: SignInMethod, changes: Partial<SignInProof> = {}): SignInProof => ({
  ...method,
  userId: 'alice',
  credentialsVersion: 3,
  at: MORNING,
  ...changes,
});
const proved = (proofs: SignInProof[], changes: Partial<ProvedUser> = {}): ProvedUser => ({
  id: 'alice',
  credentialsVersion: 3,
  hasTemporaryPassword: false,
  awaitsVerification: false,
  hasSecondFactor: false,
  proofs,
  ...changes,
});

describe('what a user gets for their proofs', () => {
  it.each<[string, SignInMethod[], string[], string]>([
    ['a password', [PASSWORD], ['pwd'], 'aal1'],
    ['a code that is no second factor', [TOTP], ['otp'], 'aal1'],
    ['a password and a code', [PASSWORD, TOTP], ['pwd', 'otp'], 'aal2'],
    ['a passkey that has verified its user', [PASSKEY], ['hwk', 'user'], 'aal2'],
    ['two things that are known', [PASSWORD, PIN], ['pwd'], 'aal1'],
    ['the same code twice', [TOTP, TOTP], ['otp'], 'aal1'],
  ])('is, for %s, a session of that level', (_, used, methods, level) => {
    const decision = decideSignIn(proved(used.map((method) => proof(method))));
    expect(decision).toEqual({ kind: 'session', authentication: { at: MORNING, methods, level } });
  });

  it('is a session from the last of them on, in whichever order they come', () => {
    const [first, last] = [proof(PASSWORD), proof(TOTP, { at: LATER })];
    for (const proofs of [
      [first, last],
      [last, first],
    ]) {
      expect(decideSignIn(proved(proofs))).toMatchObject({ authentication: { at: LATER } });
    }
  });

  it('is nothing without a proof', () => {
    expect(decideSignIn(proved([]))).toMatchObject({ kind: 'refused' });
  });

  it.each<[string, Partial<SignInProof>]>([
    ['of another user', { userId: 'bob' }],
    ['of former credentials', { credentialsVersion: 2 }],
    ['of credentials that are newer than what is known of the user', { credentialsVersion: 4 }],
  ])('is nothing where one of them is %s', (_, changes) => {
    for (const proofs of [[proof(PASSWORD, changes)], [proof(TOTP), proof(PASSWORD, changes)]]) {
      expect(decideSignIn(proved(proofs))).toMatchObject({ kind: 'refused' });
    }
  });

  it('is the replacement of a temporary password, whatever else was proved', () => {
    for (const proofs of [[proof(PASSWORD)], [proof(TOTP), proof(PASSWORD)]]) {
      const decision = decideSignIn(proved(proofs, { hasTemporaryPassword: true }));
      expect(decision).toEqual({ kind: 'due', action: 'replace_password' });
    }
  });

  it('is the verification of the address where it is awaited, after that of a temporary password', () => {
    const awaiting = { awaitsVerification: true };
    expect(decideSignIn(proved([proof(PASSWORD)], awaiting))).toEqual({ kind: 'due', action: 'verify_email' });
    const temporary = proved([proof(PASSWORD)], { ...awaiting, hasTemporaryPassword: true });
    expect(decideSignIn(temporary)).toEqual({ kind: 'due', action: 'replace_password' });
  });

  it('is a session where the temporary password was not used', () => {
    const decision = decideSignIn(proved([proof(PASSKEY)], { hasTemporaryPassword: true }));
    expect(decision).toMatchObject({ kind: 'session' });
  });
});

describe('the refusal of a sign-in', () => {
  it('tells the operator why, and the caller that the credentials are wrong', () => {
    const error = refusalOf({ kind: 'refused', reason: 'proofs: none' });
    expect(error).toMatchObject({ code: 'invalid_credentials', reason: 'proofs: none' });
  });

  it('tells the caller which action is due', () => {
    expect(refusalOf({ kind: 'due', action: 'replace_password' }).code).toBe('password_change_required');
    expect(refusalOf({ kind: 'due', action: 'verify_email' }).code).toBe('email_not_verified');
  });
});
