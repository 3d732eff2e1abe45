import { guessableFault, isGuessable } from '../platform/config/guessable-key.js';
import { choice, duration, key } from '../platform/config/setting.js';
import { section } from '../platform/config/settings.js';

interface Secrets {
  signingAlgorithm?: string;
  signingSecret?: Buffer | null;
  /** `SECRET_KEY`, a setting of the service. */
  secretKey?: Buffer | null;
}

export const KEYS_SETTINGS = section(
  {
    signingAlgorithm: choice('JWT_ALG', ['ES256', 'RS256', 'HS256'], {
      fallback: 'ES256',
      doc: 'The algorithm of new signing keys. `HS256` needs `JWT_SECRET` and suits a single service only: its key is in no JWKS.',
    }),
    signingSecret: key('JWT_SECRET', { doc: 'The HMAC key, with `JWT_ALG=HS256` alone.' }),
    tokenType: choice('JWT_TYP', ['at+jwt', 'JWT'], {
      fallback: 'at+jwt',
      doc: 'The `typ` header. `JWT` for verifiers that refuse `at+jwt` (RFC 9068 2.1).',
    }),
    accessTokenTtl: duration(
      'ACCESS_TOKEN_TTL',
      { min: '30s', max: '60m' },
      { fallback: '10m', doc: 'The lifetime of an access token.' },
    ),
    keyPublishAhead: duration(
      'KEY_PUBLISH_AHEAD',
      { min: '2h', max: '30d' },
      {
        fallback: '24h',
        doc: 'How long a new key is in the JWKS before it signs.',
      },
    ),
    keyRotationInterval: duration(
      'KEY_ROTATION_INTERVAL',
      { min: '1d', max: '3650d' },
      {
        fallback: '90d',
        doc: 'How long a key signs before its successor takes over.',
      },
    ),
  },
  {
    contradictions({ signingAlgorithm, signingSecret, secretKey }: Secrets) {
      const faults: string[] = [];
      if (signingAlgorithm === 'HS256' && signingSecret === null)
        faults.push('JWT_SECRET is required with JWT_ALG=HS256; `openssl rand -base64 32` makes one');
      if (signingAlgorithm && signingAlgorithm !== 'HS256' && signingSecret)
        faults.push('JWT_SECRET is only for JWT_ALG=HS256: remove it, or set JWT_ALG=HS256');
      if (signingSecret && secretKey?.equals(signingSecret))
        faults.push('JWT_SECRET must differ from SECRET_KEY: make another one with `openssl rand -base64 32`');
      return faults;
    },
    inProduction: ({ signingSecret }) =>
      signingSecret && isGuessable(signingSecret) ? [guessableFault('JWT_SECRET')] : [],
  },
);
