import { join } from 'node:path';
import { attackGateway } from './support/attack-gateway.js';
import { GatewayProcess, type Ports } from './support/gateway-process.js';

// The frame that a Debian package has around /etc/nginx/conf.d, within one folder.
const frame = (folder: string): string =>
  [
    'daemon off; master_process off; events {}',
    `pid ${folder}/nginx.pid; error_log stderr;`,
    `http { access_log off; include ${folder}/countersign.conf;`,
    ...['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((kind) => `${kind}_temp_path ${folder}/${kind};`),
    '}',
  ].join('\n');

const start = (ports: Ports): Promise<GatewayProcess> =>
  GatewayProcess.start(
    'nginx',
    ports,
    'nginx',
    (folder) => ['-p', folder, '-e', 'stderr', '-c', join(folder, 'nginx.conf')],
    (text, folder) => text.replaceAll('/etc/nginx/snippets/', `${folder}/`),
    { 'nginx.conf': frame },
  );

attackGateway('nginx', start);
