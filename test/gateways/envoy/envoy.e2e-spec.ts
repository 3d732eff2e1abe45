import { attackGateway } from '../support/attack-gateway.js';
import { GatewayProcess, type Ports } from '../support/gateway-process.js';

const startEnvoy = (file: string) => (ports: Ports) =>
  GatewayProcess.start('envoy', ports, 'envoy', () =>
    // Several may run beside each other.
    ['-c', file, '--use-dynamic-base-id', '--concurrency', '1'],
  );

attackGateway('Envoy, asking by HTTP,', startEnvoy('ext-authz.yaml'), { refusesNominations: true });
attackGateway('Envoy, asking by gRPC,', startEnvoy('ext-authz-grpc.yaml'), {
  asksBy: 'grpc',
  refusesNominations: true,
});
