import swc from 'unplugin-swc';
import { defineConfig } from 'vitest/config';

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

const onRealDatabase = {
  globalSetup: ['test/support/global-setup.ts'],
  testTimeout: 30_000,
  hookTimeout: 60_000,
};

export default defineConfig({
  test: {
    // More than there are cores: many tests wait far more than they work.
    maxWorkers: 4,
    isolate: false,
    // Hashing threads run from the sources too; they inherit this.
    execArgv: ['--import', new URL('test/support/resolve-sources.mjs', import.meta.url).href],
    projects: [
      { plugins: [decorators()], test: { name: 'unit', include: ['src/**/*.spec.ts'] } },
      { plugins: [decorators()], test: { name: 'client', include: ['packages/client/src/**/*.spec.ts'] } },
      {
        plugins: [decorators()],
        test: { name: 'e2e', include: ['test/{flows,attacks}/**/*.e2e-spec.ts'], ...onRealDatabase },
      },
    ],
  },
});
