/** One kind of error: its HTTP status, its title (RFC 9457 3.1.3) and the advice to the caller. */
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

/**
 * One refused field: its place in the body (empty for the whole body) or the parameter's name, a stable code and a
 * sentence.
 */
export interface FieldFault {
  field: string;
  code: string;
  message: string;
}

export interface AppErrorOptions {
  /** Tells the caller the fault of this request. It contains no secret and nothing internal. */
  detail?: string;
  /** Field faults of an `invalid_request`. */
  errors?: FieldFault[];
  /**
   * The reason, for the operator's log alone: the check, the expected and the found value. It contains no secret, and
   * no whole token.
   */
  reason?: string;
  /** The underlying error, for the log alone. */
  cause?: unknown;
  /** Seconds for the `Retry-After` header (RFC 9110 10.2.3). */
  retryAfterSeconds?: number;
  /** For the `DPoP-Nonce` header (RFC 9449 8). */
  dpopNonce?: string;
  /** For the `Allow` header (RFC 9110 10.2.1). */
  allow?: string;
  /** The scopes that the route requires, for the challenge (RFC 6750 3). */
  scopes?: readonly string[];
  /** Further members of the problem, for the caller (RFC 9457 3.2). */
  members?: Readonly<Record<string, unknown>>;
  /** Replaces the status of the code where the same fault has another one. */
  status?: number;
}

/** The one error that services throw. The caller sees the status and title of its code, and `detail`. */
export class AppError extends Error {
  readonly detail: string | undefined;
  readonly reason: string | undefined;
  readonly errors: FieldFault[] | undefined;
  readonly retryAfterSeconds: number | undefined;
  readonly dpopNonce: string | undefined;
  readonly allow: string | undefined;
  readonly scopes: readonly string[] | undefined;
  readonly members: Readonly<Record<string, unknown>> | undefined;
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
    this.members = options.members;
    this.status = options.status ?? ERRORS[code].status;
  }
}

/** Returns the refusal of one field; the message is a whole sentence, which names the field. */
export const invalidField = (field: string, code: string, message: string): AppError =>
  new AppError('invalid_request', { errors: [{ field, code, message }] });

/** The reason why the service cannot start, in a sentence that tells the operator what to do. */
export class StartFault extends Error {}
