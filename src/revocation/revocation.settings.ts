import { choice, flag, integer } from '../platform/config/setting.js';
import { section } from '../platform/config/settings.js';

export const REVOCATION_SETTINGS = section({
  tokenStatus: flag('TOKEN_STATUS', {
    fallback: 'false',
    doc: 'Whether access tokens carry `status`, their place in a Token Status List, and the lists are served.',
  }),
  revocationFeed: choice('REVOCATION_FEED', ['open', 'token'], {
    fallback: 'open',
    doc: 'Who may read what has been revoked, which is opaque ids: everybody, or who has an access token with the role `admin` or `verifier`, or as a service with the scope `revocations:read`.',
  }),
  revocationStreams: integer(
    'REVOCATION_STREAMS',
    { min: 0, max: 100_000 },
    {
      fallback: '5000',
      doc: 'Open streams of revocations on one instance at most; beyond it the answer is 503 `overloaded`.',
    },
  ),
});
