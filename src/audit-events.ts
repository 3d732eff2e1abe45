import { gatherAuditEvents } from './common/audit-events.js';
import { ACCOUNTS_AUDIT } from './accounts/accounts.audit.js';
import { ADMINISTRATION_AUDIT } from './administration/administration.audit.js';
import { API_KEYS_AUDIT } from './api-keys/api-keys.audit.js';
import { AUDIT_AUDIT } from './audit/audit.audit.js';
import { AUTH_AUDIT } from './auth/auth.audit.js';
import { CLIENTS_AUDIT } from './clients/clients.audit.js';
import { KEYS_AUDIT } from './keys/keys.audit.js';
import { MFA_AUDIT } from './mfa/mfa.audit.js';
import { OAUTH_AUDIT } from './oauth/oauth.audit.js';
import { OIDC_AUDIT } from './oidc/oidc.audit.js';
import { SESSIONS_AUDIT } from './sessions/sessions.audit.js';
import { SHARED_SIGNALS_AUDIT } from './shared-signals/shared-signals.audit.js';
import { USERS_AUDIT } from './users/users.audit.js';

/** The events of all features, in the order of the documentation. Import this file before any feature. */
const FEATURES = [
  AUTH_AUDIT,
  SESSIONS_AUDIT,
  USERS_AUDIT,
  ACCOUNTS_AUDIT,
  MFA_AUDIT,
  API_KEYS_AUDIT,
  CLIENTS_AUDIT,
  OAUTH_AUDIT,
  OIDC_AUDIT,
  KEYS_AUDIT,
  SHARED_SIGNALS_AUDIT,
  ADMINISTRATION_AUDIT,
  AUDIT_AUDIT,
] as const;

gatherAuditEvents(FEATURES);

type NameOf<Feature> = Feature extends unknown ? keyof Feature : never;

declare module './common/audit-events.js' {
  interface GatheredAuditEvents extends Record<NameOf<(typeof FEATURES)[number]>, AuditEventType> {}
}
