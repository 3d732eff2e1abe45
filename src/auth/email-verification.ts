import type { Config } from '../platform/config/config.js';
import { sendsMail } from '../platform/mail/mailer.js';

/** Whether addresses are verified: by the setting, or where it is unset, by what the service is. */
export function emailVerificationOf(config: Config): NonNullable<Config['emailVerification']> {
  if (config.emailVerification !== null) return config.emailVerification;
  if (!sendsMail(config)) return 'off';
  return config.production ? 'required' : 'optional';
}
