import { canonicalEmail, lowerCaseEmail } from '../common/email.js';
import { AppError } from '../common/errors.js';
import { violates } from '../platform/database/data-source.js';
import type { User } from './user.entity.js';

/** Returns the columns of an address. Throws `invalid_request`. */
export function addressColumns(email: string): Pick<User, 'email' | 'emailCanonical' | 'emailFolded'> {
  const [emailCanonical, emailFolded] = [lowerCaseEmail(email), canonicalEmail(email)];
  if (!emailCanonical || !emailFolded) {
    throw new AppError('invalid_request', { detail: 'email must be an e-mail address' });
  }
  return { email: email.normalize('NFC'), emailCanonical, emailFolded };
}

/** Throws `email_taken` or `id_taken` for the conflict of an insert or update, and every other error as it is. */
export function asTaken(error: unknown): never {
  if (violates(error, 'users_pkey')) throw new AppError('id_taken', { cause: error });
  const isTaken = violates(error, 'users_email_canonical_key') || violates(error, 'users_email_folded_key');
  throw isTaken ? new AppError('email_taken', { cause: error }) : error;
}
