/**
 * Every error code that a caller can meet: the HTTP status, the title (RFC 9457 3.1.3) and what to do about it.
 * `docs/errors.md` is generated from this list; codes are stable, titles may be reworded.
 */
export const ERRORS = {
  invalid_request: {
    status: 400,
    title: 'The request is not valid',
    help: 'See `errors` for the fields that were refused and why (20 at most), or `detail`; correct them and send the request again.',
  },
  malformed_json: {
    status: 400,
    title: 'The body is not valid JSON',
    help: 'Send one UTF-8 encoded JSON object in which no member stands twice, and none is named `__proto__` or `prototype`: 16 deep, 4,000 values and names of 128 characters at most.',
  },
  duplicate_header: {
    status: 400,
    title: 'The request carries a header twice that may stand once',
    help: 'Send exactly one Host header (RFC 9112 3.2) and at most one Authorization header (RFC 9110 11.6.2).',
  },
  unauthorized_client: {
    status: 400,
    title: 'The client may not use this grant',
    help: 'An administrator adds it to `grant_types` of the client.',
  },
  unsupported_grant_type: {
    status: 400,
    title: 'There is no such grant',
    help: 'See `grant_types_supported` of `/.well-known/oauth-authorization-server`.',
  },
  unsupported_token_type: {
    status: 400,
    title: 'Tokens of this kind are not revoked one by one',
    help: 'A token that belongs to no session, or that a service holds for a user, lives until it expires (RFC 7009 2.2.1). An administrator refuses all tokens of a client, and whoever ends the session of the user refuses those that services hold for it.',
  },
  invalid_grant: {
    status: 400,
    title: 'The grant is not valid',
    help: 'The refresh token, subject token or assertion is malformed, expired, revoked, used, or not meant for this.',
  },
  invalid_scope: {
    status: 400,
    title: 'The scope is malformed, or more than may be asked for',
    help: 'Ask for scopes of the client, and of the token that is exchanged.',
  },
  invalid_target: {
    status: 400,
    title: 'The client may not ask for this audience',
    help: 'Ask for audiences of the client (RFC 8707 2, RFC 8693 2.1).',
  },
  invalid_client: {
    status: 401,
    title: 'The client is not known, or has not proven who it is',
    help: 'Authenticate with a valid secret, assertion or certificate of an active client, in one way (RFC 6749 2.3).',
  },
  invalid_dpop_proof: {
    status: 400,
    title: 'The DPoP proof is not valid',
    help: 'See `detail`, and RFC 9449 4.2 for what a proof is made of. Each works once. Where an access token is brought instead of asked for, the status is 401.',
  },
  use_dpop_nonce: {
    status: 400,
    title: 'The DPoP proof needs a nonce of ours',
    help: 'Make a new proof with the `nonce` in the `DPoP-Nonce` header of this answer, and send the request again. Where an access token is brought instead of asked for, the status is 401.',
  },
  token_missing: {
    status: 401,
    title: 'An access token is required',
    help: 'Sign in with `POST /auth/login` and send `Authorization: Bearer <access_token>`.',
  },
  token_invalid: {
    status: 401,
    title: 'The access token is not valid',
    help: 'It is malformed, altered, expired, or not meant for this service. Refresh it or sign in again. The operator finds the reason in the log, by the `request_id`.',
  },
  token_bound: {
    status: 401,
    title: 'The access token is bound to a key',
    help: 'It is no bearer token (RFC 9449 7.2). Send it as `Authorization: DPoP <access_token>`, with a proof of its key in the `DPoP` header.',
  },
  token_revoked: {
    status: 401,
    title: 'The access token has been revoked',
    help: 'Refresh it: where only roles have changed, that brings a new one. Where its session has ended (logout, password change, or an administrator), sign in again.',
  },
  insufficient_user_authentication: {
    status: 401,
    title: 'A more recent sign-in is needed',
    help: 'The sign-in must be at most 10 minutes old here (RFC 9470 3); a refresh does not renew it. Sign in again, or send the password as `current_password` in the body.',
  },
  invalid_credentials: {
    status: 401,
    title: 'The e-mail address or the password is wrong',
    help: 'The answer is the same for an unknown address, a wrong password and a disabled account.',
  },
  refresh_token_invalid: {
    status: 401,
    title: 'The refresh token is not valid',
    help: 'It is malformed, expired, or its session has ended. Sign in again.',
  },
  refresh_token_reused: {
    status: 401,
    title: 'The refresh token had been used before; its session has been ended',
    help: 'A refresh token works once. Presenting a used one again is treated as theft (RFC 9700 4.14.2). Sign in again.',
  },
  forbidden: {
    status: 403,
    title: 'The principal is not allowed to do this',
    help: 'The access token is valid but lacks what is asked for: a role, and before a gateway also a scope or an audience. The operator finds in the log which one.',
  },
  no_verdict: {
    status: 403,
    title: 'There is no verdict on this request',
    help: 'For a gateway: its question is malformed, or cannot be answered at the moment. See `detail` and `docs/gateways.md`.',
  },
  csrf_refused: {
    status: 403,
    title: 'The request may come from a page of another site',
    help: 'Requests with a session cookie that change something must come from a page of this origin or of one in `CORS_ORIGINS`, and send JSON. See `detail` and `docs/browsers.md`.',
  },
  wrong_password: {
    status: 403,
    title: 'The current password is wrong',
    help: 'Changing the password, and what else asks for `current_password`, needs the one that you sign in with.',
  },
  password_change_required: {
    status: 403,
    title: 'The password is temporary, and has to be changed',
    help: 'An administrator has set it; nothing was opened. Send `POST /auth/login` once more, with another password of your own as `new_password`: it replaces the temporary one, and signs in.',
  },
  registration_closed: {
    status: 403,
    title: 'Registration is closed',
    help: 'An administrator creates accounts here (`REGISTRATION=closed`).',
  },
  not_found: { status: 404, title: 'Nothing is here', help: 'Check the path and the identifier.' },
  method_not_allowed: {
    status: 405,
    title: 'This path has no such method',
    help: '`Allow` names the methods that it has.',
  },
  request_timeout: { status: 408, title: 'The request took too long to arrive', help: 'Send it again, faster.' },
  email_taken: {
    status: 409,
    title: 'An account with this e-mail address exists',
    help: 'Sign in, or register with another address.',
  },
  id_taken: {
    status: 409,
    title: 'A user with this id exists',
    help: 'The user has been created already, or the id belongs to somebody else. Leave it out to get a new one.',
  },
  last_admin: {
    status: 409,
    title: 'The last active administrator cannot be removed, demoted or disabled',
    help: 'Make another active user an administrator first.',
  },
  keys_not_rotatable: {
    status: 409,
    title: 'Signing keys cannot be rotated with HS256',
    help: 'With `JWT_ALG=HS256` the key is `JWT_SECRET`; change that setting and restart.',
  },
  too_many_streams: {
    status: 409,
    title: 'There are as many streams of shared signals as there may be',
    help: 'Delete a stream that is not needed any more.',
  },
  too_many_secrets: {
    status: 409,
    title: 'The client has as many secrets as it may have',
    help: 'Two stand at once, so that one can replace the other. Delete one first.',
  },
  too_many_api_keys: {
    status: 409,
    title: 'There are as many API keys as there may be',
    help: 'A person or a service account has 50 at most. Delete one that is not needed any more.',
  },
  too_many_workload_identities: {
    status: 409,
    title: 'As many issuers vouch for the client as may',
    help: 'Delete one that is not needed any more.',
  },
  workload_identity_taken: {
    status: 409,
    title: 'This issuer vouches for a client by this subject already',
    help: 'Issuer and subject are those of one client. Delete the other one first, or use another subject.',
  },
  body_too_large: { status: 413, title: 'The body is too large', help: 'Bodies are limited to 64 kB.' },
  uri_too_long: { status: 414, title: 'The URL is too long', help: 'Path parameters are limited to 100 characters.' },
  unsupported_media_type: {
    status: 415,
    title: 'The body has another media type than is read here',
    help: 'Send `Content-Type: application/json`; to `/oauth`, `application/x-www-form-urlencoded`.',
  },
  rate_limited: {
    status: 429,
    title: 'Too many requests',
    help: 'Wait for the seconds in `Retry-After`; the wait grows with every further failure.',
  },
  header_too_large: { status: 431, title: 'The request header is too large', help: 'Headers are limited to 16 kB.' },
  internal: {
    status: 500,
    title: 'Something went wrong on our side',
    help: 'Tell the operator the `request_id`; the log has the cause.',
  },
  overloaded: {
    status: 503,
    title: 'The service is busy',
    help: 'Too many passwords are being checked at once, or too many streams are open. Try again after `Retry-After` seconds.',
  },
  password_hook_unavailable: {
    status: 503,
    title: 'The password cannot be judged at the moment',
    help: 'The system that people come from (`PASSWORD_HOOK_URL`) does not answer as it should; the log says why. Try again after `Retry-After` seconds.',
  },
  unavailable: {
    status: 503,
    title: 'A dependency of the service is away',
    help: 'The database, or the server that publishes the keys of a client, cannot be reached at the moment. Try again after `Retry-After` seconds.',
  },
} as const satisfies Record<string, { status: number; title: string; help: string }>;

export type ErrorCode = keyof typeof ERRORS;

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

/** Why the service cannot start, in a sentence for its operator that says what to do. */
export class StartFault extends Error {}
