import { origin } from '../platform/config/setting.js';
import { section } from '../platform/config/settings.js';

const LOOPBACK = /^(localhost|127(\.\d+){3}|\[::1\])$/;

export const OIDC_SETTINGS = section(
  {
    interactionUrl: origin('INTERACTION_URL', {
      doc: 'A page of your own on which people sign in and consent (`docs/single-sign-on.md`). It gets the parameter `interaction`, and its origin is among `CORS_ORIGINS`. Unset: the pages of this service.',
    }),
  },
  {
    inProduction: ({ interactionUrl }) =>
      interactionUrl?.startsWith('http:') && !LOOPBACK.test(new URL(interactionUrl).hostname)
        ? ['INTERACTION_URL must be https in production']
        : [],
  },
);
