import { defineConfig } from 'vitest/config';
import { execArgv, fromSources, onDatabase } from './test/run/from-sources.js';
import { RunReporter, workers } from './test/run/workers.js';

// For what hangs, and never for what is slow: no outcome depends on how busy the machine is.
const patience = { testTimeout: 300_000, hookTimeout: 300_000 };

export default defineConfig({
  test: {
    maxWorkers: workers,
    reporters: ['default', new RunReporter()],
    isolate: false,
    execArgv,
    projects: [
      {
        ...fromSources(),
        test: { name: 'unit', include: ['src/**/*.spec.ts'], setupFiles: ['test/support/registries.ts'], ...patience },
      },
      { ...fromSources(), test: { name: 'client', include: ['packages/client/src/**/*.spec.ts'], ...patience } },
      {
        ...fromSources(),
        test: { name: 'e2e', include: ['test/{flows,attacks}/**/*.e2e-spec.ts'], ...onDatabase, ...patience },
      },
    ],
  },
});
