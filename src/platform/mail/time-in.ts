import type { Locale } from '../../common/locale.js';

/** A time as people of a language write it, in UTC. `at`: RFC 3339. */
export const timeIn = (locale: Locale, at: string): string =>
  `${new Intl.DateTimeFormat(locale, { dateStyle: 'long', timeStyle: 'short', timeZone: 'UTC' }).format(new Date(at))} UTC`;
