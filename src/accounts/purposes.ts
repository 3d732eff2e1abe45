import { purposeOf } from '../platform/one-time/one-time-purpose.js';
import type { User } from '../users/user.entity.js';

const HOUR = 3600;
const DAY = 24 * HOUR;

/** Ten of a million codes a day, for one user and purpose. */
const codes = { guesses: 10, window: DAY };

/** What a mail was sent for: nobody who got it can use it once the password or the address is another one. */
export interface SentTo {
  readonly credentialsVersion: number;
}

/** Sets a password, and proves the address. */
export const PASSWORD_RECOVERY = purposeOf<SentTo>({ name: 'password_recovery', lifetime: HOUR, codes });

/** Proves the address. */
export const EMAIL_VERIFICATION = purposeOf<SentTo>({ name: 'email_verification', lifetime: DAY, codes });

/** Gives the account this address. */
export const EMAIL_CHANGE = purposeOf<SentTo & { readonly email: string }>({
  name: 'email_change',
  lifetime: DAY,
  codes: null,
});

/** Gives the account its former address back, whatever has become of it since. */
export const EMAIL_UNDO = purposeOf<{ readonly email: string }>({ name: 'email_undo', lifetime: 7 * DAY, codes: null });

/** Accepts an invitation, whose row says how long. The subject is the id of the invitation. */
export const INVITATION = purposeOf<Record<string, never>>({ name: 'invitation', lifetime: 30 * DAY, codes: null });

/** What becomes worthless with a new password. */
export const OF_ONE_PASSWORD = [PASSWORD_RECOVERY, EMAIL_VERIFICATION, EMAIL_CHANGE];

/** Why a mail that was sent to a user proves nothing any more, for the log; null where it does. */
export function faultOfRecipient(user: User | null, sent: SentTo): string | null {
  if (!user) return 'user: is gone';
  if (user.status !== 'active') return 'user: is disabled';
  if (user.credentialsVersion !== sent.credentialsVersion) return 'user: the password or the address is another one';
  return null;
}
