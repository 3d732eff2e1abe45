import { isCommonPassword } from './common-passwords.js';

export const POLICY_FAULT_CODES = ['ill_formed', 'too_short', 'too_long', 'common', 'service_name', 'email'] as const;
export type PolicyFaultCode = (typeof POLICY_FAULT_CODES)[number];

/** The name by which people know the service. */
export const SERVICE_NAME = 'countersign';

/** The reason why a password is refused: a stable code, and a sentence for the person who chose it. */
export interface PolicyFault {
  code: PolicyFaultCode;
  message: string;
}

/** The facts and limits by which a password is checked. */
export interface PolicyContext {
  /** The address of the account, as typed or canonical. */
  email?: string;
  /** The name by which people know the service. */
  serviceName: string;
  /**
   * Code points, before and after normalisation: 8 by default (NIST SP 800-63B-4 3.1.1.2 allows that beside a second
   * factor).
   */
  minLength?: number;
  /** Code points after normalisation: 256 by default. */
  maxLength?: number;
}

const MIN_LENGTH = 8;
const MAX_LENGTH = 256;

/**
 * The longest text that is normalised, in UTF-16 units. All but four letters of Unicode decompose into at most 4 units,
 * so 1024 units are enough for 256 code points in any form. Longer texts are not normalised: the time grows with the
 * square of the number of combining marks, and 60,000 of them stop the event loop for a second.
 */
const MAX_RAW_LENGTH = 1024;

/** The most digits and signs that are ignored beside a name: attackers try a name with "2026!" quickly too. */
const MAX_DECORATION = 5;

/**
 * Returns the form in which passwords are hashed and measured: NFKC (NIST SP 800-63B-4 3.1.1.2), so that a password
 * typed on two keyboards is the same. Input of more than 1024 UTF-16 units is returned unchanged: no such password can
 * have been set.
 */
export function normalizePassword(raw: string): string {
  return raw.length > MAX_RAW_LENGTH ? raw : raw.normalize('NFKC');
}

/**
 * Returns the first reason to refuse `password` (raw or normalised) as a new one; null where it is good. Takes
 * microseconds.
 */
export function checkPassword(password: string, context: PolicyContext): PolicyFault | null {
  const { minLength = MIN_LENGTH, maxLength = MAX_LENGTH } = context;
  if (password.length > MAX_RAW_LENGTH) return fault('too_long', `must have at most ${maxLength} characters`);
  const normalized = normalizePassword(password);
  // A lone surrogate has no UTF-8 form: all of them would be hashed as the same replacement character.
  if (!normalized.isWellFormed()) return fault('ill_formed', 'must be well-formed Unicode');
  const length = Array.from(normalized).length;
  // Some characters become several: "¸" is a space with a cedilla.
  if (Math.min(length, Array.from(password).length) < minLength)
    return fault('too_short', `must have at least ${minLength} characters`);
  if (length > maxLength) return fault('too_long', `must have at most ${maxLength} characters`);
  if (isCommonPassword(normalized)) return fault('common', 'is among the passwords that guessers try first');
  if (isNameInDisguise(normalized, context.serviceName))
    return fault('service_name', 'must not be the name of the service');
  if (context.email !== undefined && isOwnAddress(normalized, context.email)) {
    return fault('email', 'must not be the e-mail address');
  }
  return null;
}

const fault = (code: PolicyFaultCode, message: string): PolicyFault => ({ code, message });

function isOwnAddress(password: string, email: string): boolean {
  const local = email.slice(0, Math.max(email.lastIndexOf('@'), 0));
  const untagged = local.split('+', 1)[0]!; // "ann+shop" is Ann's address for a shop
  return [email, local, untagged].some((name) => isNameInDisguise(password, name));
}

/** Returns only the letters, marks and digits of a text, so that "Jane.Doe" and "jane_doe" become equal. */
const skeleton = (text: string): string =>
  text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^\p{L}\p{M}\p{N}]/gu, '');

/**
 * Tells whether `password` is `name` in any letter case and with any signs, with at most a few digits or signs added.
 */
function isNameInDisguise(password: string, name: string): boolean {
  const core = skeleton(name);
  const candidate = skeleton(password);
  if (core === '' || !candidate.startsWith(core) || !/^\d*$/.test(candidate.slice(core.length))) return false;
  return password.length - name.normalize('NFKC').length <= MAX_DECORATION;
}
