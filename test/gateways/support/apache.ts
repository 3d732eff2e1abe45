import { join } from 'node:path';
import { GatewayProcess, type Ports } from './gateway-process.js';

const MODULES = ['mpm_event', 'authn_core', 'authz_core', 'headers', 'proxy', 'proxy_http', 'rewrite', 'setenvif'];

/** Apache on one of its examples, in the frame that a Debian package has around it. All paths are within one folder. */
export function startApache(
  file: string,
  module: string,
  ports: Ports,
  adapt: (text: string) => string = (text) => text,
): Promise<GatewayProcess> {
  const frame = (folder: string): string =>
    [
      `ServerName localhost\nServerRoot ${folder}\nDefaultRuntimeDir ${folder}\nPidFile ${folder}/apache.pid`,
      `ErrorLog ${folder}/error.log\nUser www-data\nGroup www-data`,
      ...[...MODULES, module].map((name) => `LoadModule ${name}_module /usr/lib/apache2/modules/mod_${name}.so`),
      `Include ${folder}/${file}`,
    ].join('\n');
  return GatewayProcess.start(
    'apache',
    ports,
    'apache2',
    // One process, which ends as a whole.
    (folder) => ['-X', '-f', join(folder, 'apache2.conf')],
    (text, folder) => adapt(text.replaceAll('/etc/apache2/', `${folder}/`)),
    { 'apache2.conf': frame },
  );
}
