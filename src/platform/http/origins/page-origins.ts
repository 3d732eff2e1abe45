import type { Config } from '../../config/config.js';

/** The origin of a page on the developer's own machine, such as that of Vite or Next. */
const LOOPBACK = /^https?:\/\/(?:localhost|127\.0\.0\.1|\[::1\])(?::\d{1,5})?$/;

type Settings = Pick<Config, 'corsOrigins' | 'environment'>;

/**
 * Returns the origins whose pages may call the API: `CORS_ORIGINS`, or this machine in development where that is unset.
 */
export const pageOrigins = ({ corsOrigins, environment }: Settings): readonly (string | RegExp)[] =>
  corsOrigins.length === 0 && environment === 'development' ? [LOOPBACK] : corsOrigins;

/** Tells whether a page of this origin may act for the user by the session cookie. `*` admits no origin here. */
export function actsForUser(config: Settings & Pick<Config, 'publicUrl'>): (origin: string) => boolean {
  const pages = pageOrigins(config);
  const exact = new Set<unknown>([config.publicUrl, ...pages].filter((page) => page !== '*'));
  return (origin) => exact.has(origin) || pages.some((page) => page instanceof RegExp && page.test(origin));
}
