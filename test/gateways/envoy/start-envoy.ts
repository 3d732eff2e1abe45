import { GatewayProcess, type Ports } from '../support/gateway-process.js';

/** Envoy on one of its examples. */
export const startEnvoy = (file: string) => (ports: Ports) =>
  GatewayProcess.start('envoy', ports, 'envoy', () =>
    // Several may run beside each other.
    ['-c', file, '--use-dynamic-base-id', '--concurrency', '1'],
  );
