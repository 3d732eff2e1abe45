import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HttpClient } from '../support/http-client.js';
import { until } from './support/processes.js';
import { PASSWORD, REPOSITORY, Scene } from './support/service.js';
import { freePort } from './support/free-port.js';
import { Stranger } from './support/stranger.js';

const scene = new Scene();
const stranger = new Stranger();
let project: string;

beforeAll(() => {
  stranger.pack();
  project = stranger.project('orders-service', [
    ...['common', 'core', 'platform-express', 'testing'].map((name) => `@nestjs/${name}`),
    'reflect-metadata',
    'rxjs',
  ]);
  for (const folder of ['src', 'test']) {
    cpSync(join(REPOSITORY, 'examples/orders-service', folder), join(project, folder), { recursive: true });
  }
  stranger.compile(project, {});
});
afterAll(async () => {
  await stranger.leave();
  await scene.clear();
});

describe('the example orders-service', () => {
  it('passes its own tests, without Countersign', async () => {
    expect(await stranger.run(project, process.execPath, '--test', 'test/orders.test.js')).toMatch(/^(#|ℹ) pass 3$/m);
  });

  it('refuses a token at once after its logout, as its README shows', async () => {
    const [issuerPort, port] = [await freePort(), await freePort()];
    const issuer = `http://127.0.0.1:${issuerPort}`;
    const countersign = await scene.start({ PORT: String(issuerPort), PUBLIC_URL: issuer });
    stranger.start(project, 'src/main.js', { COUNTERSIGN_URL: issuer, PORT: String(port) });
    const orders = new HttpClient(`http://127.0.0.1:${port}`);
    await until('the example listens', () =>
      orders.get('/health').then(
        ({ status }) => status === 200,
        () => false,
      ),
    );

    const alice = { email: 'alice@example.com', password: PASSWORD };
    await countersign.http.post('/auth/register', alice);
    const { body } = await countersign.http.post<{ access_token: string }>('/auth/login', alice);
    const token = body.access_token;
    expect((await orders.post('/orders', { article: 'A tandem' }, { token })).status).toBe(201);
    expect((await orders.get('/orders', { token })).body).toEqual([{ number: 1, article: 'A tandem' }]);

    expect((await countersign.http.post('/auth/logout', undefined, { token })).status).toBe(204);
    await until('the logout is true', async () => (await orders.get('/orders', { token })).status === 401);
    const refused = await orders.get('/orders', { token });
    expect(refused.headers.get('www-authenticate')).toContain('error="invalid_token"');
    expect(refused.body).toMatchObject({ code: 'token_revoked' });
  });
});
