import { spawnSync } from 'node:child_process';
import { build, type BuildOptions } from 'rolldown';
import manifest from './package.json' with { type: 'json' };

// The two halves of a build: TypeScript to JavaScript, then the service and the command
// line, each with what it imports, into one file.
// See docs/adr/0011-one-file-to-start-from.md.

const say = (text: string): void => void process.stdout.write(text);

say('Building: compiling …');
// The package first: the service is compiled against what it declares.
const { status } = spawnSync('npm run --silent build:embedded && nest build', { shell: true, stdio: 'inherit' });
if (status !== 0) {
  process.stderr.write('\nThe sources do not compile; see the faults above.\n');
  process.exit(1);
}

say(' bundling …');
const bundle = (file: string): BuildOptions => ({
  input: file,
  platform: 'node',
  external: [
    // What is not there in production.
    ...Object.keys(manifest.devDependencies),
    // Starts a thread from a file beside its own.
    /\/hashing-threads\.js$/,
    // Native code, which looks for itself beside its own files.
    /^@node-rs\//,
    // What only some settings need, so that it is not read without them.
    'ioredis',
    'nodemailer',
    'prom-client',
    'uqr',
    // Loaded by `require`, and only with EXT_AUTHZ_PORT.
    /^@grpc\//,
    // `@nestjs/typeorm` also looks for it by `require`, and these belong to it: one copy, not two.
    /^(typeorm|pg|reflect-metadata)(\/|$)/,
  ],
  plugins: [
    {
      // Every Nest application would load all of `@nestjs/microservices` if it is there. Ours does with EXT_AUTHZ_PORT.
      name: 'no-microservices-of-http',
      resolveId: (id) => (id === '@nestjs/microservices/microservices-module.js' ? { id: '\0none' } : null),
      load: (id) => (id === '\0none' ? 'export {}' : null),
    },
  ],
  // The log and the OpenAPI document name classes.
  output: { file, codeSplitting: false, keepNames: true },
  // Packages try for many others that they can do without; that those are not installed is no news.
  logLevel: 'silent',
});
for (const file of ['dist/server.js', 'dist/command-line.js']) await build(bundle(file));
say(' done.\n');
