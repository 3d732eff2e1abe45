import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import express, { type ErrorRequestHandler } from 'express';
import { describe, expect, it } from 'vitest';
import { createVerifier } from '../index.js';
import { createTestIssuer } from '../testing/index.js';
import { countersign, requireRoles } from './index.js';

describe('the Express middleware', () => {
  it('uses a verifier that is already there', async () => {
    const issuer = createTestIssuer();
    const verifier = createVerifier(issuer.verifierOptions);
    expect(countersign(verifier).verifier).toBe(verifier);
    await verifier.close();
  });

  it('fails closed where roles are required on a route that nothing guards', async () => {
    const app = express();
    const messages: string[] = [];
    const onError: ErrorRequestHandler = (error: Error, _request, response, _next) => {
      messages.push(error.message);
      response.sendStatus(500);
    };
    app.delete('/orders', requireRoles('admin'), (_, response) => void response.sendStatus(204));
    app.use(onError);
    const server = await new Promise<Server>((resolve) => {
      const listening = app.listen(0, '127.0.0.1', () => resolve(listening));
    });
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/orders`;
    expect((await fetch(url, { method: 'DELETE' })).status).toBe(500);
    expect(messages).toEqual(['Roles and scopes are required on a route without countersign()']);
    await new Promise((resolve) => server.close(resolve));
  });
});
