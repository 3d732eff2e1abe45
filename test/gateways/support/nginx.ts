import { join } from 'node:path';
import { GatewayProcess, type Ports } from './gateway-process.js';

/** What somebody adds to the example. */
interface Additions {
  /** To the `http` block. */
  http?: string;
  /** To a file of the example. */
  adapt?: (text: string) => string;
  files?: Record<string, string>;
}

/** nginx on its example, in the frame that a Debian package has around /etc/nginx/conf.d. All paths are within one folder. */
export function startNginx(ports: Ports, { http = '', adapt = (text) => text, files = {} }: Additions = {}) {
  const frame = (folder: string): string =>
    [
      'daemon off; master_process off; events {}',
      `pid ${folder}/nginx.pid; error_log stderr;`,
      `http { access_log off; include ${folder}/countersign.conf;`,
      ...['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((kind) => `${kind}_temp_path ${folder}/${kind};`),
      `${http} }`,
    ].join('\n');
  return GatewayProcess.start(
    'nginx',
    ports,
    'nginx',
    (folder) => ['-p', folder, '-e', 'stderr', '-c', join(folder, 'nginx.conf')],
    (text, folder) => adapt(text.replaceAll('/etc/nginx/snippets/', `${folder}/`)),
    {
      'nginx.conf': frame,
      ...Object.fromEntries(Object.entries(files).map(([name, text]) => [name, () => text])),
    },
  );
}
