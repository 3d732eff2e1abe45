import type { Actor, Role } from '../../common/principal.js';
import { AppError } from '../../common/errors.js';

/** Whom a client wants to act for, as a `subject_token` states it (RFC 8693 2.1). */
export interface Subject {
  /** The user's id, or that of a client. */
  readonly id: string;
  /** The session's short id; what ends it ends the tokens that it is exchanged for. Null where there is none. */
  readonly session: string | null;
  /** Whom the token is meant for. */
  readonly audiences: readonly string[];
  /** Null where the subject token is limited by no scopes, as that of a person who has signed in. */
  readonly scopes: readonly string[] | null;
  readonly roles: readonly Role[];
  readonly email: string | null;
  /** Who acts for the subject already. */
  readonly actor: Actor | null;
  /** Seconds since the epoch: a time before these facts were read. What is revoked up to then, or later, ends all of it. */
  readonly issuedAt: number;
  /** Seconds since the epoch. */
  readonly expiresAt: number;
  /** Where the status of the session stands, for a token that says so. */
  readonly statusList: { idx: number; uri: string } | null;
}

/** Reads one kind of `subject_token`. */
export interface SubjectTokenReader {
  /** The `subject_token_type`s by which it is called. */
  readonly types: readonly string[];

  /**
   * `address` is that of the client that shows the token. Throws {@link refusedSubject} for a token that is not good now,
   * `unavailable` where we cannot know.
   */
  read(token: string, address: string): Promise<Subject>;
}

/** All {@link SubjectTokenReader}s that there are. */
export const SUBJECT_TOKEN_READERS = Symbol('subject token readers');

/** RFC 8693 2.2.2: `invalid_request` is the word for a subject token that is invalid, or that policy does not accept. */
export const refusedSubject = (why: string, cause?: unknown): AppError =>
  new AppError('invalid_request', { detail: `the subject token ${why}`, cause });
