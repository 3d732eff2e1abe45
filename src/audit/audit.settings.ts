import { duration } from '../platform/config/setting.js';
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
});
