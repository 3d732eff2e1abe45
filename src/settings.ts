import { API_KEYS_SETTINGS } from './api-keys/api-keys.settings.js';
import { AUDIT_SETTINGS } from './audit/audit.settings.js';
import { AUTH_SETTINGS } from './auth/auth.settings.js';
import { GATEWAY_SETTINGS } from './gateway/gateway.settings.js';
import { KEYS_SETTINGS } from './keys/keys.settings.js';
import { OAUTH_SETTINGS } from './oauth/oauth.settings.js';
import { OIDC_SETTINGS } from './oidc/oidc.settings.js';
import { PASSWORDS_SETTINGS } from './passwords/passwords.settings.js';
import { SERVICE_SETTINGS } from './platform/config/service.settings.js';
import { gatherSettings } from './platform/config/settings.js';
import { DATABASE_SETTINGS } from './platform/database/database.settings.js';
import { HTTP_SETTINGS } from './platform/http/http.settings.js';
import { LOGGING_SETTINGS } from './platform/logging/logging.settings.js';
import { MAIL_SETTINGS } from './platform/mail/mail.settings.js';
import { RATE_LIMIT_SETTINGS } from './platform/rate-limit/rate-limit.settings.js';
import { TELEMETRY_SETTINGS } from './platform/telemetry/telemetry.settings.js';
import { REVOCATION_SETTINGS } from './revocation/revocation.settings.js';
import { SESSIONS_SETTINGS } from './sessions/sessions.settings.js';
import { TOKENS_SETTINGS } from './tokens/tokens.settings.js';

/** The settings of all features, in the order of the documentation. Import this file before the configuration is read. */
const FEATURES = [
  SERVICE_SETTINGS,
  HTTP_SETTINGS,
  LOGGING_SETTINGS,
  TELEMETRY_SETTINGS,
  DATABASE_SETTINGS,
  AUTH_SETTINGS,
  KEYS_SETTINGS,
  TOKENS_SETTINGS,
  API_KEYS_SETTINGS,
  REVOCATION_SETTINGS,
  SESSIONS_SETTINGS,
  PASSWORDS_SETTINGS,
  RATE_LIMIT_SETTINGS,
  MAIL_SETTINGS,
  OAUTH_SETTINGS,
  OIDC_SETTINGS,
  GATEWAY_SETTINGS,
  AUDIT_SETTINGS,
] as const;

gatherSettings(FEATURES);

type SettingsOf<Feature> = Feature extends { settings: infer Settings } ? (settings: Settings) => void : never;
type All = SettingsOf<(typeof FEATURES)[number]> extends (settings: infer Settings) => void ? Settings : never;

declare module './platform/config/settings.js' {
  interface GatheredSettings extends All {}
}
