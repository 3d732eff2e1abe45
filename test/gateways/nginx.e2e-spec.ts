import { attackGateway } from './support/attack-gateway.js';
import { startNginx } from './support/nginx.js';

attackGateway('nginx', (ports) => startNginx(ports));
