import { attackGateway } from './support/attack-gateway.js';
import { GatewayProcess } from './support/gateway-process.js';

attackGateway('HAProxy', (ports) =>
  GatewayProcess.start('haproxy', ports, 'haproxy', () => ['-db', '-f', 'haproxy.cfg']),
);
