import { attackGateway } from './support/attack-gateway.js';
import { GatewayProcess, type Ports } from './support/gateway-process.js';

const start = (ports: Ports): Promise<GatewayProcess> =>
  GatewayProcess.start('caddy', ports, 'caddy', () => ['run', '--config', 'Caddyfile', '--adapter', 'caddyfile']);

attackGateway('Caddy', start);
