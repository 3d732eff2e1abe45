import { defineConfig, type OxlintOverride } from 'oxlint';

/** The order of the house: a folder imports only from folders of a lower rank. Change it here, and say why in docs/adr. */
const RANKS = [
  ['common'],
  ['platform'],
  ['jose'],
  ['keys'],
  ['tokens', 'revocation'],
  ['audit', 'webhooks'],
  ['users'],
  ['sessions', 'clients', 'organizations'],
  ['api-keys'],
  ['passwords', 'oauth', 'shared-signals'],
  ['auth'],
  ['accounts', 'administration', 'mfa', 'federation', 'oidc', 'gateway', 'scim'],
  ['pages', 'health'],
];

const ENTRIES = [
  'main',
  'server',
  'cli',
  'command-line',
  'cli/*',
  'app.module',
  'app.setup',
  'errors',
  'audit-events',
  'settings',
  'tags',
  'banner',
  'start-fault',
];

const rankOf = (folder: string): number => RANKS.findIndex((rank) => rank.includes(folder));
const folders = RANKS.flat();

const boundaries = folders.map((folder): OxlintOverride => {
  const forbidden = folders.filter((other) => other !== folder && rankOf(other) >= rankOf(folder));
  return {
    files: [`src/${folder}/**/*.ts`],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            {
              group: forbidden.flatMap((other) => [`../${other}/**`, `../../${other}/**`, `../../../${other}/**`]),
              message: `src/${folder} has rank ${rankOf(folder) + 1} and imports only from lower ranks. Down you call, up you emit an event; see ARCHITECTURE.md.`,
            },
            {
              group: ENTRIES.flatMap((entry) => [`../${entry}.js`, `../../${entry}.js`, `../../../${entry}.js`]),
              message: 'Entries import features, never the reverse.',
            },
          ],
        },
      ],
    },
  };
});

export default defineConfig({
  plugins: ['typescript', 'import', 'promise', 'node', 'unicorn', 'vitest', 'oxc'],
  categories: { correctness: 'error', suspicious: 'error', perf: 'error' },
  options: { typeAware: true },
  rules: {
    'max-lines': ['error', { max: 300, skipBlankLines: false, skipComments: false }],
    'max-lines-per-function': ['error', { max: 60, skipBlankLines: true, skipComments: true }],
    'typescript/no-explicit-any': 'error',
    'typescript/no-floating-promises': 'error',
    'typescript/no-misused-promises': 'error',
    'typescript/await-thenable': 'error',
    'typescript/no-non-null-assertion': 'off',
    'typescript/consistent-type-imports': 'off',
    'import/no-cycle': 'error',
    'import/no-unassigned-import': 'off',
    'no-await-in-loop': 'off',
    'promise/no-callback-in-promise': 'off',
    'typescript/no-misused-spread': 'off',
    'no-console': 'error',
    'node/no-process-env': 'error',
    'typescript/no-extraneous-class': 'off',
    'typescript/unbound-method': 'off',
    'typescript/no-unsafe-type-assertion': 'off',
    'unicorn/no-array-sort': 'off',
    // For windows of a browser, not for threads.
    'unicorn/require-post-message-target-origin': 'off',
  },
  overrides: [
    ...boundaries,
    {
      files: ['packages/*/src/**/*.ts'],
      rules: {
        'no-restricted-imports': [
          'error',
          { patterns: [{ group: ['**/../src/**', '#*'], message: 'A package knows nothing of the service.' }] },
        ],
      },
    },
    { files: ['src/platform/database/migrations/**'], rules: { 'max-lines-per-function': 'off' } },
    { files: ['src/platform/config/**'], rules: { 'node/no-process-env': 'off' } },
    {
      // Small programs of others: no configuration module, no logger, and node:test's promises are its own affair.
      files: ['examples/**'],
      rules: { 'node/no-process-env': 'off', 'no-console': 'off', 'typescript/no-floating-promises': 'off' },
    },
    {
      files: ['test/**', 'packages/embedded-postgres-service/test/**', 'bench/**', '**/*.spec.ts', '*.config.ts'],
      rules: {
        'node/no-process-env': 'off',
        'max-lines-per-function': 'off',
        'no-console': 'off',
        'unicorn/consistent-function-scoping': 'off',
        'vitest/no-conditional-expect': 'off',
        'vitest/no-standalone-expect': 'off',
        'vitest/expect-expect': 'off',
        'vitest/valid-expect': ['error', { maxArgs: 2 }],
        'no-unmodified-loop-condition': 'off',
        'promise/no-promise-in-callback': 'off',
      },
    },
  ],
  ignorePatterns: ['dist', 'node_modules', '.data'],
});
