import {
  choice,
  duration,
  firebaseScrypt,
  flag,
  integer,
  key,
  networks,
  origin,
  origins,
  postgresUrl,
  redisUrl,
  scopes,
  text,
} from './setting.js';

/** Every setting of the service. `docs/configuration.md` is generated from this list. */
export const SETTINGS = {
  environment: choice('NODE_ENV', ['development', 'test', 'production'], {
    fallback: 'development',
    doc: '`production` refuses development values and hides Swagger UI.',
  }),
  host: text('HOST', { fallback: '127.0.0.1', doc: 'The address to listen on. A container wants `0.0.0.0`.' }),
  port: integer(
    'PORT',
    { min: 0, max: 65_535 },
    { fallback: '3000', doc: 'The TCP port to listen on; 0 takes a free one.' },
  ),
  publicUrl: origin('PUBLIC_URL', {
    doc: 'The URL under which callers reach the service: the issuer (`iss`) of every token, and the start of all links. Unset: `http://localhost:PORT`.',
  }),
  secretKey: key('SECRET_KEY', {
    doc: 'The secret from which all keys at rest are derived. Unset in development: generated once into `DATA_DIR`.',
  }),

  databaseUrl: postgresUrl('DATABASE_URL', {
    doc: 'PostgreSQL 15 or newer. Unset: an embedded PostgreSQL in `DATA_DIR`.',
  }),
  databaseDirectUrl: postgresUrl('DATABASE_DIRECT_URL', {
    doc: 'The way past a pooler that lends connections by the transaction, for migrations, locks and LISTEN. Unset: `DATABASE_URL` leads to PostgreSQL itself.',
  }),
  embeddedDatabase: choice('EMBEDDED_DATABASE', ['development', 'always'], {
    fallback: 'development',
    doc: '`always` allows the embedded database in production.',
  }),
  databasePoolSize: integer(
    'DATABASE_POOL_SIZE',
    { min: 2, max: 200 },
    { fallback: '16', doc: 'Connections to the database at most.' },
  ),
  dataDirectory: text('DATA_DIR', {
    fallback: '.data',
    doc: 'Where the embedded database and generated development secrets live.',
  }),

  adminEmail: text('ADMIN_EMAIL', { doc: 'The first administrator, created when there are no users.' }),
  adminPassword: text('ADMIN_PASSWORD', {
    secret: true,
    doc: 'The password of the first administrator. Unset in development: generated, and shown once on the terminal.',
  }),
  registration: choice('REGISTRATION', ['open', 'closed'], {
    fallback: 'open',
    doc: '`closed`: only administrators create accounts.',
  }),

  signingAlgorithm: choice('JWT_ALG', ['ES256', 'RS256', 'HS256'], {
    fallback: 'ES256',
    doc: 'The algorithm of new signing keys. `HS256` needs `JWT_SECRET` and suits a single service only: its key is in no JWKS.',
  }),
  signingSecret: key('JWT_SECRET', { doc: 'The HMAC key, with `JWT_ALG=HS256` alone.' }),
  tokenType: choice('JWT_TYP', ['at+jwt', 'JWT'], {
    fallback: 'at+jwt',
    doc: 'The `typ` header. `JWT` for verifiers that refuse `at+jwt` (RFC 9068 2.1).',
  }),
  audience: text('JWT_AUDIENCE', { fallback: 'api', doc: 'The audience (`aud`) of access tokens.' }),
  clientId: text('JWT_CLIENT_ID', { fallback: 'web', doc: 'The client (`client_id`) of first-party sign-ins.' }),
  accessTokenTtl: duration(
    'ACCESS_TOKEN_TTL',
    { min: '30s', max: '60m' },
    { fallback: '10m', doc: 'The lifetime of an access token.' },
  ),
  tokenRoles: flag('ACCESS_TOKEN_ROLES', { fallback: 'true', doc: 'Whether access tokens carry `roles`.' }),
  tokenEmail: flag('ACCESS_TOKEN_EMAIL', { fallback: 'true', doc: 'Whether access tokens carry `email`.' }),
  tokenStatus: flag('TOKEN_STATUS', {
    fallback: 'false',
    doc: 'Whether access tokens carry `status`, their place in a Token Status List, and the lists are served.',
  }),
  dpopNonce: choice('DPOP_NONCE', ['token-requests', 'always', 'never'], {
    fallback: 'token-requests',
    doc: 'Where a DPoP proof must carry a nonce of ours: at sign-in, refresh and token requests, everywhere, or nowhere. `always` needs gateways that pass `DPoP-Nonce` on.',
  }),
  personalTokenScopes: scopes('PERSONAL_TOKEN_SCOPES', {
    fallback: '',
    doc: 'The scopes that people may give their personal access tokens. Name none that a service takes for the permission of an administrator: whoever has an account may have them.',
  }),
  keyPublishAhead: duration(
    'KEY_PUBLISH_AHEAD',
    { min: '2h', max: '30d' },
    {
      fallback: '24h',
      doc: 'How long a new key stands in the JWKS before it signs.',
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

  hashMemoryKib: integer(
    'PASSWORD_HASH_MEMORY_KIB',
    { min: 7168, max: 262_144 },
    {
      fallback: '19456',
      doc: 'argon2id memory cost in KiB (OWASP: 19456 with 2 passes).',
    },
  ),
  hashPasses: integer('PASSWORD_HASH_PASSES', { min: 1, max: 20 }, { fallback: '2', doc: 'argon2id time cost.' }),
  hashParallelism: integer('PASSWORD_HASH_PARALLELISM', { min: 1, max: 16 }, { fallback: '1', doc: 'argon2id lanes.' }),
  hashConcurrency: integer(
    'PASSWORD_HASH_CONCURRENCY',
    { min: 0, max: 64 },
    {
      fallback: '0',
      doc: 'Threads that hash; 0 means as many as there are cores. Each holds about 20 MB while there is work.',
    },
  ),
  hashQueue: integer(
    'PASSWORD_HASH_QUEUE',
    { min: 0, max: 10_000 },
    {
      fallback: '256',
      doc: 'Hashes waiting at most; beyond it the answer is 503 `overloaded`.',
    },
  ),
  hashDeadline: duration(
    'PASSWORD_HASH_DEADLINE',
    { min: '1s', max: '60s' },
    {
      fallback: '2s',
      doc: 'A hash that would wait longer than this is refused with 503 `overloaded`. Requests are answered within 3 s in any case.',
    },
  ),
  firebaseScrypt: firebaseScrypt('FIREBASE_SCRYPT', {
    doc: 'The password hash parameters of the Firebase project that users come from, as its console shows them. Unset: hashes of Firebase are refused.',
  }),
  passwordHookUrl: origin('PASSWORD_HOOK_URL', {
    doc: 'Where the system that people come from tells whether a password is right, for those who have none here (`docs/migrating.md`). In production https, at a public address.',
  }),
  passwordHookSecret: text('PASSWORD_HOOK_SECRET', {
    secret: true,
    doc: 'What that system knows this service by, as a bearer token: 32 printable characters or more.',
  }),
  passwordHookTimeout: duration(
    'PASSWORD_HOOK_TIMEOUT',
    { min: '1s', max: '10s' },
    { fallback: '3s', doc: 'How long it may take, and how long every refused sign-in takes while there is a hook.' },
  ),

  rateLimits: flag('RATE_LIMITS', {
    fallback: 'true',
    doc: 'Whether attempts are limited. Only a load test has a reason to switch this off.',
  }),
  redisUrl: redisUrl('REDIS_URL', {
    doc: 'Redis 6.2 or newer (or Valkey), where several instances count attempts together. Unset: each instance counts for itself.',
  }),
  trustedProxies: networks('TRUSTED_PROXIES', {
    fallback: '',
    doc: 'The proxies whose `X-Forwarded-*` headers are believed. Empty: the peer of the connection is the client.',
  }),
  tlsClientSubjectHeader: text('TLS_CLIENT_SUBJECT_HEADER', {
    doc: 'The header in which a trusted proxy tells the subject of the certificate that a service has shown (RFC 4514), for `tls_client_auth`. Unset: there is no such thing.',
  }),
  tlsClientVerifyHeader: text('TLS_CLIENT_VERIFY_HEADER', {
    fallback: 'X-Client-Verify',
    doc: 'The header in which it says `SUCCESS` of a certificate that it has verified.',
  }),
  corsOrigins: origins('CORS_ORIGINS', {
    fallback: '',
    doc: 'The browser origins that may call the API, and on the same site act for the user with the session cookie. Unset in development: every page of this machine (`localhost`, `127.0.0.1`, `[::1]`).',
  }),
  signInUrl: origin('SIGN_IN_URL', {
    doc: 'The page that a gateway sends browsers to that are not signed in, with `on_denied=redirect`. Unset: they get 401.',
  }),
  extAuthzPort: integer(
    'EXT_AUTHZ_PORT',
    { min: 1, max: 65_535 },
    {
      doc: 'The TCP port on which Envoy may ask for verdicts by gRPC (`ext_authz`). Unset: none, and nothing of gRPC is loaded.',
    },
  ),
  extAuthzHost: text('EXT_AUTHZ_HOST', {
    fallback: '127.0.0.1',
    doc: 'The address of `EXT_AUTHZ_PORT`, which speaks plain text: loopback, a mesh, or a network of its own.',
  }),
  docs: choice('DOCS', ['auto', 'on', 'off'], {
    fallback: 'auto',
    doc: 'Swagger UI at `/docs`; `auto` shows it everywhere but in production.',
  }),

  logLevel: choice('LOG_LEVEL', ['debug', 'info', 'warn', 'error', 'silent'], {
    fallback: 'info',
    doc: '`debug` adds a line for every successful read.',
  }),
  shutdownGrace: duration(
    'SHUTDOWN_GRACE',
    { min: '1s', max: '300s' },
    {
      fallback: '20s',
      doc: 'How long requests may finish after SIGTERM.',
    },
  ),
};

export type Settings = typeof SETTINGS;
