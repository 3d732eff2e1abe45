import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { GatewayProcess } from '../../gateways/support/gateway-process.js';
import { startNginx } from '../../gateways/support/nginx.js';

const PAGES = join(import.meta.dirname, 'shop');

/** nginx in front of the shop, on our example with shop.conf of this folder. Other host names serve pages of other people. */
export function startShop(countersign: number, service: number): Promise<GatewayProcess> {
  const shop = readFileSync(join(import.meta.dirname, 'shop.conf'), 'utf8').replace('PAGES', PAGES);
  const elsewhere = (listen: string) => `server { ${listen} ssl default_server; root ${PAGES}; }`;
  return startNginx(
    { countersign, extAuthz: 0, service },
    {
      http: [
        'types { text/html html; } ssl_certificate certificate.pem; ssl_certificate_key key.pem;',
        String.raw`map $http_origin $shop_origin { '~^https://app\.shop\.test:\d+$' $http_origin; }`,
      ].join('\n'),
      adapt: (text) =>
        text.replace(/^server \{\s*(listen [\d.:]+);/m, (start, listen: string) =>
          [elsewhere(listen), start.replace(/;$/, ' ssl;'), 'include shop.conf;'].join('\n'),
        ),
      files: { 'shop.conf': shop, ...certificate() },
    },
  );
}

function certificate(): Record<string, string> {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-certificate-'));
  const [key, certified] = [join(folder, 'key.pem'), join(folder, 'certificate.pem')];
  const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-subj', '/CN=shop.test'];
  execFileSync('openssl', ['req', '-x509', '-days', '1', ...kind, '-keyout', key, '-out', certified], {
    stdio: 'ignore',
  });
  const files = { 'key.pem': readFileSync(key, 'utf8'), 'certificate.pem': readFileSync(certified, 'utf8') };
  rmSync(folder, { recursive: true });
  return files;
}
