import { AppError } from '../../common/errors.js';
import { changeRequired } from '../../passwords/passwords.service.js';
import type { Authentication } from '../../sessions/new-session.js';
import type { Amr, SignInProof } from './sign-in-proof.js';

/** The facts of a user that the decision needs. */
export interface SignInUser {
  readonly id: string;
  readonly credentialsVersion: number;
  readonly hasTemporaryPassword: boolean;
  /** Whether the address of the user has to be verified before anything is opened. */
  readonly awaitsVerification: boolean;
  /** Whether a sign-in needs a second factor. */
  readonly hasSecondFactor: boolean;
}

/** A user with the proofs of a sign-in. */
export interface ProvedUser extends SignInUser {
  readonly proofs: readonly SignInProof[];
}

/** A session, an action that the user has to take before one, or a refusal. */
export type SignInDecision =
  | { readonly kind: 'session'; readonly authentication: Authentication }
  | { readonly kind: 'due'; readonly action: 'replace_password' | 'verify_email' | 'second_factor' }
  | { readonly kind: 'refused'; readonly reason: string };

/** Decides the result of a sign-in with these proofs. */
export function decideSignIn(user: ProvedUser): SignInDecision {
  const { id, credentialsVersion, hasTemporaryPassword, awaitsVerification, hasSecondFactor, proofs } = user;
  if (proofs.length === 0) return refused('proofs: expected one at least, found none');
  if (proofs.some((proof) => proof.userId !== id)) return refused('proofs: expected those of one user');
  if (proofs.some((proof) => proof.credentialsVersion !== credentialsVersion)) {
    return refused('credentials: they have changed since they were checked');
  }
  const methods = [...new Set(proofs.flatMap(({ amr }) => amr))];
  // A temporary password proves the right to replace it, and nothing else.
  if (hasTemporaryPassword && methods.includes('pwd' satisfies Amr)) return { kind: 'due', action: 'replace_password' };
  if (awaitsVerification) return { kind: 'due', action: 'verify_email' };
  const factors = new Set(proofs.flatMap((proof) => proof.factors));
  if (hasSecondFactor && factors.size < 2) return { kind: 'due', action: 'second_factor' };
  const at = new Date(Math.max(...proofs.map((proof) => proof.at.getTime())));
  return { kind: 'session', authentication: { at, methods, level: factors.size > 1 ? 'aal2' : 'aal1' } };
}

export const isSecondFactorDue = (decision: SignInDecision): boolean =>
  decision.kind === 'due' && decision.action === 'second_factor';

/** Returns the error for a sign-in that opens no session. */
export function refusalOf(decision: Exclude<SignInDecision, { kind: 'session' }>): AppError {
  if (decision.kind === 'refused') return new AppError('invalid_credentials', { reason: decision.reason });
  if (decision.action === 'replace_password') return changeRequired();
  if (decision.action === 'second_factor')
    return new AppError('mfa_required', { reason: 'sign-in: a second factor was expected, one was shown' });
  return new AppError('email_not_verified', {
    reason: 'email: it has not been verified, and EMAIL_VERIFICATION=required',
  });
}

const refused = (reason: string): SignInDecision => ({ kind: 'refused', reason });
