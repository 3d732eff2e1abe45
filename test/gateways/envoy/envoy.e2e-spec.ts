import { attackGateway } from '../support/attack-gateway.js';
import { startEnvoy } from './start-envoy.js';

attackGateway('Envoy, asking by HTTP,', startEnvoy('ext-authz.yaml'), { refusesNominations: true });
attackGateway('Envoy, asking by gRPC,', startEnvoy('ext-authz-grpc.yaml'), {
  asksBy: 'grpc',
  refusesNominations: true,
});
