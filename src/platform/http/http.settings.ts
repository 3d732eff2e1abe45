import { choice, networks, origins } from '../config/setting.js';
import { section } from '../config/settings.js';

export const HTTP_SETTINGS = section(
  {
    trustedProxies: networks('TRUSTED_PROXIES', {
      fallback: '',
      doc: 'The proxies whose `X-Forwarded-*` headers are believed. Empty: the peer of the connection is the client.',
    }),
    corsOrigins: origins('CORS_ORIGINS', {
      fallback: '',
      doc: 'The browser origins that may call the API, and on the same site act for the user with the session cookie. Unset in development: every page of this machine (`localhost`, `127.0.0.1`, `[::1]`).',
    }),
    docs: choice('DOCS', ['auto', 'on', 'off'], {
      fallback: 'auto',
      doc: 'Swagger UI at `/docs`; `auto` shows it everywhere but in production.',
    }),
  },
  {
    inProduction: ({ corsOrigins }) =>
      corsOrigins?.includes('*') ? ['CORS_ORIGINS must list exact origins in production, not *'] : [],
  },
);
