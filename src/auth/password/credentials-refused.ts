import { AppError } from '../../common/errors.js';
import type { CredentialRow } from '../../passwords/credential.js';

/** Why a login is refused. Its caller learns the same for each reason. */
export type LoginRefusal = 'unknown_account' | 'disabled' | 'no_password' | 'wrong_password';

/** The refusal of an address and a password, with what the operator may know of it. */
export class CredentialsRefused extends AppError {
  readonly userId: string | null;
  readonly why: LoginRefusal;

  constructor(credential: CredentialRow | null) {
    const why = refusalOf(credential);
    super('invalid_credentials', { reason: `login: ${why}` });
    this.userId = credential?.id ?? null;
    this.why = why;
  }
}

function refusalOf(credential: CredentialRow | null): LoginRefusal {
  if (!credential) return 'unknown_account';
  if (credential.status !== 'active') return 'disabled';
  return credential.hash === null ? 'no_password' : 'wrong_password';
}
