import type { ErrorTypes } from '../common/errors.js';

export const OAUTH_ERRORS = {
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
  unsupported_response_type: {
    status: 400,
    title: 'Only `code` is supported',
    help: 'Use the authorization code flow with PKCE; the implicit flow is not offered (RFC 9700 2.1.2).',
  },
  access_denied: {
    status: 403,
    title: 'The person has refused',
    help: 'The application gets no access. It may ask again.',
  },
  login_required: {
    status: 400,
    title: 'The person has to sign in',
    help: 'The request forbids to ask (`prompt=none`). Send it without `prompt`.',
  },
  consent_required: {
    status: 400,
    title: 'The person has to consent',
    help: 'The request forbids to ask (`prompt=none`). Send it without `prompt`.',
  },
  request_not_supported: {
    status: 400,
    title: 'Request objects are not supported',
    help: 'Send the parameters themselves.',
  },
  request_uri_not_supported: {
    status: 400,
    title: 'Request URIs are not supported',
    help: 'Send the parameters themselves.',
  },
  redirect_uri_unknown: {
    status: 400,
    title: 'The application is not known, or may not send people back to this address',
    help: 'An administrator registers `redirect_uris` of the client; they are compared exactly. Nobody is redirected, because the address may be that of an attacker.',
  },
  unsupported_token_type: {
    status: 400,
    title: 'Tokens of this kind are not revoked one by one',
    help: 'A token that belongs to no session, or that a service holds for a user, lives until it expires (RFC 7009 2.2.1). An administrator refuses all tokens of a client, and the end of a user session refuses those that services have for it.',
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
} as const satisfies ErrorTypes;
