import { duration, fail, integer, type Options, origin, setting, text } from '../platform/config/setting.js';
import { section } from '../platform/config/settings.js';

/**
 * Reads the password hash parameters of a Firebase project, as its console shows them: lines or one line of
 * `name: value`. The bounds limit a hash to 256 MiB.
 */
const firebaseScrypt = <O extends Options>(env: string, options: O) =>
  setting(env, 'what the Firebase console shows', { ...options, secret: true }, (value) => {
    const valueOf = (name: string, form: string) =>
      new RegExp(`${name}"?\\s*[:=]\\s*"?(${form})(?![\\w+/=-])`).exec(value)?.[1] ?? fail(`must hold ${name}`);
    const rounds = Number(valueOf('rounds', String.raw`\d{1,2}`));
    const memoryCost = Number(valueOf('mem_cost', String.raw`\d{1,2}`));
    if (!(rounds >= 1 && rounds <= 8)) return fail('must have 1 to 8 rounds');
    if (!(memoryCost >= 1 && memoryCost <= 15)) return fail('must have a mem_cost of 1 to 15');
    return {
      signerKey: Buffer.from(valueOf('base64_signer_key', '[\\w+/-]{43,}={0,2}'), 'base64'),
      saltSeparator: Buffer.from(valueOf('base64_salt_separator', '[\\w+/-]{2,}={0,2}'), 'base64'),
      rounds,
      memoryCost,
    };
  });

export const PASSWORDS_SETTINGS = section(
  {
    hashMemoryKib: integer(
      'PASSWORD_HASH_MEMORY_KIB',
      { min: 7168, max: 262_144 },
      {
        fallback: '19456',
        doc: 'argon2id memory cost in KiB (OWASP: 19456 with 2 passes).',
      },
    ),
    hashPasses: integer('PASSWORD_HASH_PASSES', { min: 1, max: 20 }, { fallback: '2', doc: 'argon2id time cost.' }),
    hashParallelism: integer(
      'PASSWORD_HASH_PARALLELISM',
      { min: 1, max: 16 },
      { fallback: '1', doc: 'argon2id lanes.' },
    ),
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
  },
  {
    contradictions({ passwordHookUrl, passwordHookSecret }) {
      const faults: string[] = [];
      if (Boolean(passwordHookUrl) !== Boolean(passwordHookSecret))
        faults.push('PASSWORD_HOOK_URL and PASSWORD_HOOK_SECRET are set together or not at all');
      if (passwordHookSecret && !/^[\x21-\x7e]{32,512}$/.test(passwordHookSecret))
        faults.push(
          'PASSWORD_HOOK_SECRET must be 32 to 512 printable characters; `openssl rand -base64 32` makes such a value',
        );
      return faults;
    },
  },
);
