import { choice, flag, text } from '../platform/config/setting.js';
import { section } from '../platform/config/settings.js';

export const TOKENS_SETTINGS = section({
  audience: text('JWT_AUDIENCE', { fallback: 'api', doc: 'The audience (`aud`) of access tokens.' }),
  tokenRoles: flag('ACCESS_TOKEN_ROLES', { fallback: 'true', doc: 'Whether access tokens carry `roles`.' }),
  tokenEmail: flag('ACCESS_TOKEN_EMAIL', { fallback: 'true', doc: 'Whether access tokens carry `email`.' }),
  dpopNonce: choice('DPOP_NONCE', ['token-requests', 'always', 'never'], {
    fallback: 'token-requests',
    doc: 'Where a DPoP proof must carry a nonce of ours: at sign-in, refresh and token requests, everywhere, or nowhere. `always` needs gateways that pass `DPoP-Nonce` on.',
  }),
});
