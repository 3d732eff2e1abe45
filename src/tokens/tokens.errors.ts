import type { ErrorTypes } from '../common/errors.js';

export const TOKENS_ERRORS = {
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
} as const satisfies ErrorTypes;
