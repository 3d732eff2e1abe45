import { canonicalEmail } from '../common/email.js';
import { choice, integer, text } from '../platform/config/setting.js';
import { section } from '../platform/config/settings.js';

export const AUTH_SETTINGS = section(
  {
    adminEmail: text('ADMIN_EMAIL', { doc: 'The first administrator, created when there are no users.' }),
    adminPassword: text('ADMIN_PASSWORD', {
      secret: true,
      doc: 'The password of the first administrator. Unset in development: generated, and shown once on the terminal.',
    }),
    registration: choice('REGISTRATION', ['open', 'closed'], {
      fallback: 'open',
      doc: '`closed`: only administrators create accounts.',
    }),
    emailVerification: choice('EMAIL_VERIFICATION', ['off', 'optional', 'required'], {
      doc: 'Whether people prove that they read the mail of their address: `optional` asks for it after registration, `required` opens nothing before, and registration tells nobody who has an account. Unset: `required` in production with `SMTP_URL`, `optional` in development, `off` where no mail is sent.',
    }),
    signInFailureAlarm: integer(
      'SIGN_IN_FAILURE_ALARM',
      { min: 0, max: 1_000_000 },
      {
        fallback: '1000',
        doc: 'So many accounts whose logins are refused within an hour, from all networks, make an alarm (`sign_in.spraying`). `0`: never.',
      },
    ),
  },
  {
    contradictions({ adminEmail, adminPassword }) {
      const faults: string[] = [];
      if (adminEmail && !canonicalEmail(adminEmail)) faults.push('ADMIN_EMAIL must be an e-mail address');
      if (adminPassword && adminEmail === null)
        faults.push(
          'ADMIN_EMAIL is required with ADMIN_PASSWORD: set it to the address of the first administrator, or remove both',
        );
      return faults;
    },
    inProduction: ({ adminEmail, adminPassword }) =>
      adminEmail && !adminPassword
        ? ['ADMIN_PASSWORD is required with ADMIN_EMAIL in production: set it, or remove both']
        : [],
  },
);
