import { afterEach, describe, expect, it } from 'vitest';
import { ExtAuthzClient } from '../support/ext-authz-client.js';
import { freePort } from './support/free-port.js';
import { listeningSockets, until } from './support/processes.js';
import { PASSWORD, Scene } from './support/service.js';

const scene = new Scene();
afterEach(() => scene.clear());

const CLIENTS = 8;

// RFC 9113 6.8 and gRPC's own retries: whoever is connected moves on without losing a call; then nobody listens.
const NOBODY_LISTENS = /ECONNREFUSED|No connection established/;

describe('the built service', () => {
  it('opens no gRPC port unless it is told to', async () => {
    const service = await scene.start();
    expect(listeningSockets(service.pid)).toEqual({ loopback: 1, elsewhere: 0 });
    expect(service.output).not.toContain('ext_authz');
  });

  it('answers Envoy, and stops without losing a verdict', async () => {
    const port = await freePort();
    const service = await scene.start({
      EXT_AUTHZ_PORT: String(port),
      ADMIN_EMAIL: 'admin@example.com',
      ADMIN_PASSWORD: PASSWORD,
    });
    expect(listeningSockets(service.pid)).toEqual({ loopback: 2, elsewhere: 0 });
    expect(service.output).toContain(`ext_authz    gRPC on 127.0.0.1:${port}\n`);
    const { body } = await service.http.post<{ access_token: string }>('/auth/login', {
      email: 'admin@example.com',
      password: PASSWORD,
    });
    const envoys = Array.from({ length: CLIENTS }, () => new ExtAuthzClient(port));
    expect((await envoys[0]!.ask()).status).toBe(401);
    expect((await envoys[0]!.ask({ token: body.access_token }, { role: 'auditor' })).status).toBe(403);

    let verdicts = 0;
    const ends = envoys.map(async (envoy) => {
      for (;;) {
        try {
          const { allowed } = await envoy.ask({ token: body.access_token }, { role: 'admin' });
          if (!allowed) return 'refused';
          verdicts += 1;
        } catch (error) {
          return (error as Error).message;
        }
      }
    });
    await until('Envoy asks', () => verdicts > 20 * CLIENTS);
    const exit = service.stop();
    for (const end of await Promise.all(ends)) expect(end).toMatch(NOBODY_LISTENS);
    await expect(exit).resolves.toEqual({ code: 0, signal: null });
    for (const envoy of envoys) envoy.close();
  });
});
