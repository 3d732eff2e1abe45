import fastify from 'fastify';
import { describe, expect, it } from 'vitest';
import { createVerifier } from '../index.js';
import { createTestIssuer } from '../testing/index.js';
import { countersign } from './index.js';

describe('the Fastify plugin', () => {
  it('guards every route, whatever context it is in', async () => {
    const issuer = createTestIssuer();
    const app = fastify();
    await app.register(countersign, issuer.verifierOptions);
    await app.register(async (inner) => void inner.get('/inner', (request) => request.principal), { prefix: '/deep' });
    const headers = { authorization: `Bearer ${issuer.token({ subject: 'alice' })}` };
    expect((await app.inject('/deep/inner')).statusCode).toBe(401);
    expect((await app.inject({ url: '/deep/inner', headers })).json()).toMatchObject({ subject: 'alice' });
    expect((await app.inject('/unknown')).statusCode).toBe(401);
    expect((await app.inject({ url: '/unknown', headers })).statusCode).toBe(404);
    await app.close();
  });

  it('closes its own verifier with the server, and leaves that of others open', async () => {
    const issuer = createTestIssuer();
    const verifier = createVerifier(issuer.verifierOptions);
    const [own, borrowing] = [fastify(), fastify()];
    await own.register(countersign, issuer.verifierOptions);
    await borrowing.register(countersign, { verifier });
    await Promise.all([own.verifier.ready(), borrowing.verifier.ready()]);
    expect(issuer.connectedVerifiers).toBe(2);
    await Promise.all([own.close(), borrowing.close()]);
    expect(issuer.connectedVerifiers).toBe(1);
    await verifier.close();
    expect(issuer.connectedVerifiers).toBe(0);
  });
});
