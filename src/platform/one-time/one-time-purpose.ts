/** The purpose of a value that works once. A value of one purpose is not accepted for another. */
export interface OneTimePurpose<Data extends object> {
  /** E.g. `password_recovery`. Unique, and part of every token: a change makes all values of it worthless. */
  readonly name: string;
  /** How long a value works, in seconds. */
  readonly lifetime: number;
  /** How often a wrong code may be given for one subject, over all its values. Null where no code is given out. */
  readonly codes: { readonly guesses: number; readonly window: number } | null;
  /** The type of the facts that are stored with a value; never there. */
  readonly data?: Data;
}

/** Declares a purpose, whose values carry facts of the given type: `purposeOf<{ email: string }>({ … })`. */
export const purposeOf = <Data extends object>(
  purpose: Omit<OneTimePurpose<Data>, 'data'>,
): Readonly<OneTimePurpose<Data>> => purpose;

/** A value that works once. What a holder shows for it is derived from its id, and stored nowhere. */
export interface OneTimeValue<Data extends object> {
  readonly id: string;
  readonly purpose: OneTimePurpose<Data>;
  /** The subject: the id of a user, or the key by which the caller counts where there is no user. */
  readonly subject: string;
  /** Facts that are needed where it is used; no secret. */
  readonly data: Data;
  readonly createdAt: Date;
  readonly expiresAt: Date;
}

/** The reasons for which a token or a code is refused; for the log of the operator. */
export type OneTimeRefusal =
  'malformed' | 'unknown' | 'used' | 'expired' | 'other_holder' | 'wrong_code' | 'too_many_guesses';

export type FoundValue<Data extends object> =
  | { readonly value: OneTimeValue<Data>; readonly refusal: null }
  | { readonly value: null; readonly refusal: OneTimeRefusal };
