import { duration, integer } from '../platform/config/setting.js';
import { section } from '../platform/config/settings.js';

export const AUDIT_SETTINGS = section({
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
});
