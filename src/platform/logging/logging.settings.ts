import { choice } from '../config/setting.js';
import { section } from '../config/settings.js';

export const LOGGING_SETTINGS = section({
  logLevel: choice('LOG_LEVEL', ['debug', 'info', 'warn', 'error', 'silent'], {
    fallback: 'info',
    doc: '`debug` adds a line for every successful read.',
  }),
});
