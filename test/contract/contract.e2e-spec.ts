import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, it } from 'vitest';
import { freePort } from '../system/support/free-port.js';
import { PASSWORD, Scene } from '../system/support/service.js';

const FOLDER = fileURLToPath(new URL('.', import.meta.url));
const ADMIN = { ADMIN_EMAIL: 'admin@example.com', ADMIN_PASSWORD: PASSWORD };

const scene = new Scene();
afterAll(() => scene.clear());

/** Runs schemathesis, as an account of the role, over all that the document of the service states. */
async function compare(url: string, role: string): Promise<{ code: number | null; output: string }> {
  const child = spawn('schemathesis', ['--config-file', 'schemathesis.toml', 'run', `${url}/docs-json`], {
    cwd: FOLDER,
    env: { ...process.env, ...ADMIN, CONTRACT_URL: url, CONTRACT_ROLE: role, PYTHONDONTWRITEBYTECODE: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  }
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, output };
}

it.each(['admin', 'user'])('answers the role %s as the OpenAPI document states', async (role) => {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  await scene.start({
    ...ADMIN,
    PORT: String(port),
    PUBLIC_URL: url,
    RATE_LIMITS: 'false',
    DOCS: 'on',
    TOKEN_STATUS: 'true',
  });
  const { code, output } = await compare(url, role);
  expect(code, output).toBe(0);
});
