import { duration, text } from '../platform/config/setting.js';
import { section } from '../platform/config/settings.js';

export const SESSIONS_SETTINGS = section(
  {
    clientId: text('JWT_CLIENT_ID', { fallback: 'web', doc: 'The client (`client_id`) of first-party sign-ins.' }),
    sessionIdleLimit: duration(
      'SESSION_IDLE_LIMIT',
      { min: '60m', max: '3650d' },
      {
        fallback: '30d',
        doc: 'A session that is not refreshed for this long ends.',
      },
    ),
    sessionAbsoluteLimit: duration(
      'SESSION_ABSOLUTE_LIMIT',
      { min: '60m', max: '3650d' },
      {
        fallback: '180d',
        doc: 'Every session ends after this long.',
      },
    ),
    refreshReplayWindow: duration(
      'REFRESH_REPLAY_WINDOW',
      { min: '0', max: '10m' },
      {
        fallback: '60s',
        doc: 'How long after its rotation a refresh token yields the same successor again, while nobody has used that: for retries after a lost answer. Later, and once the successor was used, it counts as stolen. 0: at once.',
      },
    ),
  },
  {
    contradictions: ({ sessionIdleLimit, sessionAbsoluteLimit }) =>
      sessionIdleLimit! > sessionAbsoluteLimit! ? ['SESSION_IDLE_LIMIT must not exceed SESSION_ABSOLUTE_LIMIT'] : [],
  },
);
