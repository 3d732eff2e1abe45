import { duration, fail, integer, key, setting, text, type Options } from '../platform/config/setting.js';
import { section } from '../platform/config/settings.js';

const webhookUrl = <O extends Options>(env: string, options: O) =>
  setting(env, 'http or https URL', { ...options, secret: true }, (value) => {
    const url = URL.parse(value);
    if (!url || !/^https?:$/.test(url.protocol)) return fail('must be an https URL');
    return url.username || url.password || url.hash ? fail('must be a URL without credentials and fragment') : value;
  });

const syslogUrl = <O extends Options>(env: string, options: O) =>
  setting(env, '`syslog+tls://host:port`', options, (value) => {
    const url = URL.parse(value);
    const isPlain = url && !url.username && !url.password && /^\/?$/.test(url.pathname + url.search + url.hash);
    return url?.protocol === 'syslog+tls:' && url.hostname !== '' && isPlain
      ? value
      : fail('must be such as syslog+tls://siem.example.com:6514');
  });

export const AUDIT_SETTINGS = section(
  {
    auditRetention: duration(
      'AUDIT_RETENTION',
      { min: '1d', max: '3650d' },
      {
        fallback: '400d',
        doc: 'How long events of the audit log are kept, by whole days; older ones are removed.',
      },
    ),
    auditStreams: integer(
      'AUDIT_STREAMS',
      { min: 0, max: 10_000 },
      {
        fallback: '50',
        doc: 'Open streams of the audit log on one instance at most; beyond it the answer is 503 `overloaded`.',
      },
    ),
    auditForwardWebhookUrl: webhookUrl('AUDIT_FORWARD_WEBHOOK_URL', {
      doc: 'Where events of the audit log are posted to, as lines of JSON by OCSF. It may be a private address. Unset: nowhere.',
    }),
    auditForwardWebhookSecret: key('AUDIT_FORWARD_WEBHOOK_SECRET', {
      doc: 'The key of the HMAC over what is posted (Standard Webhooks). Required with `AUDIT_FORWARD_WEBHOOK_URL`.',
    }),
    auditForwardSyslog: syslogUrl('AUDIT_FORWARD_SYSLOG', {
      doc: 'Where events of the audit log are sent to by syslog over TLS (RFC 5425): `syslog+tls://host:6514`. Unset: nowhere.',
    }),
    auditForwardSyslogCa: text('AUDIT_FORWARD_SYSLOG_CA', {
      doc: 'A file of certificates (PEM) that the certificate of the syslog server must come from. Unset: those of Node.js.',
    }),
  },
  {
    contradictions: ({ auditForwardWebhookUrl, auditForwardWebhookSecret }) =>
      auditForwardWebhookUrl && auditForwardWebhookSecret === null
        ? [
            'AUDIT_FORWARD_WEBHOOK_SECRET is required with AUDIT_FORWARD_WEBHOOK_URL; `openssl rand -base64 32` makes one',
          ]
        : [],
    inProduction: ({ auditForwardWebhookUrl }) =>
      auditForwardWebhookUrl?.startsWith('https:') === false ? ['AUDIT_FORWARD_WEBHOOK_URL must be an https URL'] : [],
  },
);
