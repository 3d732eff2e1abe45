/** One kind of error: its HTTP status, its title (RFC 9457 3.1.3) and what the caller can do about it. */
export interface ErrorType {
  readonly status: number;
  readonly title: string;
  readonly help: string;
}

/** The errors of one feature, by their codes. Codes are stable, titles may be reworded. */
export type ErrorTypes = Readonly<Record<string, ErrorType>>;

/** The type of {@link ERRORS}. `src/errors.ts` states it, because this folder imports no feature. */
export interface GatheredErrors {}

export type ErrorCode = keyof GatheredErrors;

/** Every error that a caller can meet, by its code. `src/errors.ts` fills it before any feature is loaded. */
export const ERRORS = {} as Readonly<Record<ErrorCode, ErrorType>>;

/** Adds the errors of features to {@link ERRORS}. Throws where two of them declare the same code. */
export function gatherErrors(features: readonly ErrorTypes[]): void {
  for (const [code, type] of features.flatMap((feature) => Object.entries(feature))) {
    if (Object.hasOwn(ERRORS, code)) throw new Error(`The error code ${code} is declared twice: rename one of them`);
    Object.assign(ERRORS, { [code]: type });
  }
}

/** One refused field: where it is in the body (empty for all of it) or the parameter's name, a stable code and a sentence. */
export interface FieldFault {
  field: string;
  code: string;
  message: string;
}

export interface AppErrorOptions {
  /** What was wrong this time, for the caller. Never a secret, never an internal. */
  detail?: string;
  /** Field faults of an `invalid_request`. */
  errors?: FieldFault[];
  /** Why, for the operator's log alone: the check, what it expects and what it found. Never a secret, nor all of a token. */
  reason?: string;
  /** For the log alone. */
  cause?: unknown;
  /** Seconds for the `Retry-After` header (RFC 9110 10.2.3). */
  retryAfterSeconds?: number;
  /** For the `DPoP-Nonce` header (RFC 9449 8). */
  dpopNonce?: string;
  /** For the `Allow` header (RFC 9110 10.2.1). */
  allow?: string;
  /** The scopes that were asked for, for the challenge (RFC 6750 3). */
  scopes?: readonly string[];
  /** Where the same fault has another status than that of its code. */
  status?: number;
}

/** The one error that services throw. What a caller sees of it is its code's status and title, and `detail`. */
export class AppError extends Error {
  readonly detail: string | undefined;
  readonly reason: string | undefined;
  readonly errors: FieldFault[] | undefined;
  readonly retryAfterSeconds: number | undefined;
  readonly dpopNonce: string | undefined;
  readonly allow: string | undefined;
  readonly scopes: readonly string[] | undefined;
  readonly status: number;

  constructor(
    readonly code: ErrorCode,
    options: AppErrorOptions = {},
  ) {
    super(ERRORS[code].title, { cause: options.cause });
    this.name = 'AppError';
    this.detail = options.detail;
    this.reason = options.reason ?? (options.cause instanceof AppError ? options.cause.reason : undefined);
    this.errors = options.errors;
    this.retryAfterSeconds = options.retryAfterSeconds;
    this.dpopNonce = options.dpopNonce;
    this.allow = options.allow;
    this.scopes = options.scopes;
    this.status = options.status ?? ERRORS[code].status;
  }
}

/** The refusal of one field; the message is a whole sentence, which names the field. */
export const invalidField = (field: string, code: string, message: string): AppError =>
  new AppError('invalid_request', { errors: [{ field, code, message }] });

/** Why the service cannot start, in a sentence for its operator that says what to do. */
export class StartFault extends Error {}
