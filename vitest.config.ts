import { fileURLToPath } from 'node:url';
import swc from 'unplugin-swc';
import { defineConfig } from 'vitest/config';
import { RunReporter, workers } from './test/run/workers.js';

// Nest and TypeORM read the types that decorators emit; esbuild and oxc do not emit them.
const decorators = () =>
  swc.vite({
    module: { type: 'es6' },
    jsc: {
      target: 'es2024',
      parser: { syntax: 'typescript', decorators: true },
      transform: { legacyDecorator: true, decoratorMetadata: true },
    },
  });

// The sources of our own package, as Node takes them by test/support/resolve-sources.mjs: nothing needs to be built.
const sources = {
  resolve: {
    alias: {
      '#embedded-postgres-service': fileURLToPath(
        new URL('packages/embedded-postgres-service/src/index.ts', import.meta.url),
      ),
    },
  },
};

// For what hangs, and never for what is slow: no outcome depends on how busy the machine is.
const patience = { testTimeout: 300_000, hookTimeout: 300_000 };

export default defineConfig({
  test: {
    maxWorkers: workers,
    reporters: ['default', new RunReporter()],
    isolate: false,
    // Hashing threads run from the sources too; they inherit this.
    execArgv: ['--import', new URL('test/support/resolve-sources.mjs', import.meta.url).href],
    projects: [
      {
        ...sources,
        plugins: [decorators()],
        test: { name: 'unit', include: ['src/**/*.spec.ts'], setupFiles: ['test/support/registries.ts'], ...patience },
      },
      { plugins: [decorators()], test: { name: 'client', include: ['packages/client/src/**/*.spec.ts'], ...patience } },
      {
        ...sources,
        plugins: [decorators()],
        test: {
          name: 'e2e',
          include: ['test/{flows,attacks}/**/*.e2e-spec.ts'],
          globalSetup: ['test/support/global-setup.ts'],
          setupFiles: ['test/support/registries.ts'],
          ...patience,
        },
      },
    ],
  },
});
