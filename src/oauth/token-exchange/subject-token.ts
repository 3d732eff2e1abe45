import type { Actor, Role } from '../../common/principal.js';
import { AppError } from '../../common/errors.js';

/** The subject for whom a client wants to act, as a `subject_token` states it (RFC 8693 2.1). */
export interface Subject {
  /** The user's id, or that of a client. */
  readonly id: string;
  /** The session's short id; null where there is none. The end of the session also ends the exchanged tokens. */
  readonly session: string | null;
  /** The audiences of the token. */
  readonly audiences: readonly string[];
  /** The scopes of the subject token; null where they do not limit it, as for a person who has signed in. */
  readonly scopes: readonly string[] | null;
  readonly roles: readonly Role[];
  readonly email: string | null;
  /** The actor of the subject token; null where the subject acts for itself. */
  readonly actor: Actor | null;
  /**
   * A time before these facts were read, in seconds since the epoch. Revocations up to then, and later ones, refuse the
   * new token too.
   */
  readonly issuedAt: number;
  /** Seconds since the epoch. */
  readonly expiresAt: number;
  /** The place of the session's status, for a token that states it. */
  readonly statusList: { idx: number; uri: string } | null;
}

/** Reads one kind of `subject_token`. */
export interface SubjectTokenReader {
  /** The `subject_token_type`s that it reads. */
  readonly types: readonly string[];

  /**
   * Reads a token. `address` is that of the client that sends it. Throws {@link refusedSubject} for a token that is not
   * valid now, `unavailable` where we cannot know.
   */
  read(token: string, address: string): Promise<Subject>;
}

/** The injection token of all {@link SubjectTokenReader}s. */
export const SUBJECT_TOKEN_READERS = Symbol('subject token readers');

/**
 * RFC 8693 2.2.2: the code `invalid_request` is for a subject token that is invalid, or that policy does not accept.
 */
export const refusedSubject = (why: string, cause?: unknown): AppError =>
  new AppError('invalid_request', { detail: `the subject token ${why}`, cause });
