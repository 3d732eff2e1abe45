import { flag, redisUrl } from '../config/setting.js';
import { section } from '../config/settings.js';

export const RATE_LIMIT_SETTINGS = section(
  {
    rateLimits: flag('RATE_LIMITS', {
      fallback: 'true',
      doc: 'Whether attempts are limited. Only a load test has a reason to switch this off.',
    }),
    redisUrl: redisUrl('REDIS_URL', {
      doc: 'Redis 6.2 or newer (or Valkey), where several instances count attempts together. Unset: each instance counts for itself.',
    }),
  },
  {
    inProduction: ({ rateLimits }) => (rateLimits === false ? ['RATE_LIMITS must be true in production'] : []),
  },
);
