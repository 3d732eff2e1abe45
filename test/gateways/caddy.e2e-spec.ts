import { attackGateway } from './support/attack-gateway.js';
import { GatewayProcess } from './support/gateway-process.js';

attackGateway('Caddy', (ports) =>
  GatewayProcess.start('caddy', ports, 'caddy', () => ['run', '--config', 'Caddyfile', '--adapter', 'caddyfile']),
);
