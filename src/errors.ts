import { gatherErrors } from './common/errors.js';
import { ACCOUNTS_ERRORS } from './accounts/accounts.errors.js';
import { API_KEYS_ERRORS } from './api-keys/api-keys.errors.js';
import { AUTH_ERRORS } from './auth/auth.errors.js';
import { CLIENTS_ERRORS } from './clients/clients.errors.js';
import { COMMON_ERRORS } from './common/common.errors.js';
import { GATEWAY_ERRORS } from './gateway/gateway.errors.js';
import { KEYS_ERRORS } from './keys/keys.errors.js';
import { MFA_ERRORS } from './mfa/mfa.errors.js';
import { OAUTH_ERRORS } from './oauth/oauth.errors.js';
import { OIDC_ERRORS } from './oidc/oidc.errors.js';
import { PASSWORDS_ERRORS } from './passwords/passwords.errors.js';
import { HTTP_ERRORS } from './platform/http/http.errors.js';
import { RATE_LIMIT_ERRORS } from './platform/rate-limit/rate-limit.errors.js';
import { REVOCATION_ERRORS } from './revocation/revocation.errors.js';
import { SESSIONS_ERRORS } from './sessions/sessions.errors.js';
import { SHARED_SIGNALS_ERRORS } from './shared-signals/shared-signals.errors.js';
import { TOKENS_ERRORS } from './tokens/tokens.errors.js';
import { USERS_ERRORS } from './users/users.errors.js';

/** The errors of all features, in the order of the documentation. Import this file before any feature. */
const FEATURES = [
  COMMON_ERRORS,
  HTTP_ERRORS,
  RATE_LIMIT_ERRORS,
  KEYS_ERRORS,
  TOKENS_ERRORS,
  REVOCATION_ERRORS,
  USERS_ERRORS,
  SESSIONS_ERRORS,
  CLIENTS_ERRORS,
  API_KEYS_ERRORS,
  PASSWORDS_ERRORS,
  OAUTH_ERRORS,
  SHARED_SIGNALS_ERRORS,
  AUTH_ERRORS,
  ACCOUNTS_ERRORS,
  OIDC_ERRORS,
  MFA_ERRORS,
  GATEWAY_ERRORS,
] as const;

gatherErrors(FEATURES);

type CodeOf<Feature> = Feature extends unknown ? keyof Feature : never;

declare module './common/errors.js' {
  interface GatheredErrors extends Record<CodeOf<(typeof FEATURES)[number]>, ErrorType> {}
}
