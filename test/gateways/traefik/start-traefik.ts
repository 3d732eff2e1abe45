import { spawnSync } from 'node:child_process';
import { askRaw } from '../../attacks/raw-http.js';
import { until } from '../../system/support/processes.js';
import { GatewayProcess, type Ports } from '../support/gateway-process.js';

const TRAEFIK = process.env.TRAEFIK ?? 'traefik';

const MISSING = `There is no program ${TRAEFIK}. Take Traefik 3 from https://github.com/traefik/traefik/releases, or build
the Go module github.com/traefik/traefik/v3, and put it into the PATH or name it in TRAEFIK.`;

/** Traefik on its example, with hosts that the tests ask for. */
export async function startTraefik(ports: Ports, adapt = (text: string) => text): Promise<GatewayProcess> {
  if (spawnSync(TRAEFIK, ['version']).error) throw new Error(MISSING);
  const traefik = await GatewayProcess.start(
    'traefik',
    ports,
    TRAEFIK,
    () => ['--configFile=traefik.yml'],
    (text) => adapt(text.replaceAll('app.example.com', 'localhost').replaceAll('admin.example.com', 'admin.localhost')),
  );
  // It listens before it has read its routers.
  await until('Traefik has routers', async () => (await askRaw(traefik.url, 'GET', '/')).status !== 404);
  return traefik;
}
