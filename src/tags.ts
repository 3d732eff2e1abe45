import type { ApiTag } from './common/api.decorators.js';
import { ACCOUNTS_TAG } from './accounts/accounts.tags.js';
import { API_KEYS_TAG } from './api-keys/api-keys.tags.js';
import { AUDIT_TAG } from './audit/audit.tags.js';
import { SIGN_IN_TAG } from './auth/auth.tags.js';
import { SERVICE_ACCOUNTS_TAG } from './clients/clients.tags.js';
import { GATEWAYS_TAG } from './gateway/gateway.tags.js';
import { HEALTH_TAG } from './health/health.tags.js';
import { DISCOVERY_TAG, KEY_ADMINISTRATION_TAG } from './keys/keys.tags.js';
import { MFA_TAG } from './mfa/mfa.tags.js';
import { OAUTH_TAG } from './oauth/oauth.tags.js';
import { SINGLE_SIGN_ON_TAG } from './oidc/oidc.tags.js';
import { PROBLEMS_TAG } from './platform/http/http.tags.js';
import { SESSIONS_TAG } from './sessions/sessions.tags.js';
import { SHARED_SIGNALS_TAG } from './shared-signals/shared-signals.tags.js';
import { PROFILE_TAG, USER_ADMINISTRATION_TAG } from './users/users.tags.js';

/** The groups of the API of all features, in the order of the documentation. */
export const TAGS: readonly ApiTag[] = [
  SIGN_IN_TAG,
  ACCOUNTS_TAG,
  MFA_TAG,
  PROFILE_TAG,
  SESSIONS_TAG,
  API_KEYS_TAG,
  OAUTH_TAG,
  SINGLE_SIGN_ON_TAG,
  GATEWAYS_TAG,
  DISCOVERY_TAG,
  USER_ADMINISTRATION_TAG,
  SERVICE_ACCOUNTS_TAG,
  KEY_ADMINISTRATION_TAG,
  AUDIT_TAG,
  SHARED_SIGNALS_TAG,
  PROBLEMS_TAG,
  HEALTH_TAG,
];
