import { defineConfig } from 'rolldown';
import manifest from './package.json' with { type: 'json' };

/** The second half of a build: the service and what it imports in one file. See docs/adr/0011-one-file-to-start-from.md. */
export default defineConfig({
  input: 'dist/server.js',
  platform: 'node',
  external: [
    // What is not there in production.
    ...Object.keys(manifest.devDependencies),
    // Native code, which looks for itself beside its own files.
    /^@node-rs\//,
    // What only some settings need, so that it is not read without them.
    'ioredis',
    // `@nestjs/typeorm` also looks for it by `require`, and these belong to it: one copy, not two.
    /^(typeorm|pg|reflect-metadata)(\/|$)/,
  ],
  // The log and the OpenAPI document name classes.
  output: { file: 'dist/server.js', codeSplitting: false, keepNames: true },
  // Packages try for many others that they can do without; that those are not installed is no news.
  logLevel: 'silent',
});
