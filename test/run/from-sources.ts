import { fileURLToPath } from 'node:url';
import swc from 'unplugin-swc';

/** The service as its sources are, with the types that decorators emit: Nest and TypeORM read them. */
export const fromSources = () => ({
  // Our own package, as Node takes it by test/support/resolve-sources.mjs: nothing needs to be built.
  resolve: {
    alias: {
      '#embedded-postgres-service': fileURLToPath(
        new URL('../../packages/embedded-postgres-service/src/index.ts', import.meta.url),
      ),
    },
  },
  // esbuild and oxc do not emit them.
  plugins: [
    swc.vite({
      module: { type: 'es6' },
      jsc: {
        target: 'es2024',
        parser: { syntax: 'typescript', decorators: true },
        transform: { legacyDecorator: true, decoratorMetadata: true },
      },
    }),
  ],
});

/** Hashing threads run from the sources too, and inherit these arguments of Node. */
export const execArgv = ['--import', new URL('../support/resolve-sources.mjs', import.meta.url).href];

/** One database server for the run, and the settings and errors that the features declare. */
export const onDatabase = {
  globalSetup: ['test/support/global-setup.ts'],
  setupFiles: ['test/support/registries.ts'],
};
