import 'reflect-metadata';
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { INestApplication } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { COUNTERSIGN_OPTIONS } from '@countersign/client/nest';
import { createTestIssuer } from '@countersign/client/testing';
import { AppModule } from '../src/app.module.js';

// The whole service, over HTTP, with an issuer that needs neither network nor database.
const issuer = createTestIssuer();
let app: INestApplication;

before(async () => {
  const module = await Test.createTestingModule({ imports: [AppModule.forIssuer('https://auth.example.com')] })
    .overrideProvider(COUNTERSIGN_OPTIONS)
    .useValue({ ...issuer.verifierOptions, awaitReady: true })
    .compile();
  app = module.createNestApplication();
  await app.listen(0, '127.0.0.1');
});
after(() => app.close());

const call = async (path: string, token?: string, init: RequestInit = {}) => {
  const headers = { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) };
  return fetch(`${await app.getUrl()}${path}`, { ...init, headers });
};

test('everybody sees their own orders', async () => {
  const [alice, bob] = [issuer.token({ subject: 'alice' }), issuer.token({ subject: 'bob' })];
  const placed = await call('/orders', alice, { method: 'POST', body: JSON.stringify({ article: 'A bicycle' }) });
  assert.equal(placed.status, 201);
  assert.deepEqual(await (await call('/orders', alice)).json(), [{ number: 1, article: 'A bicycle' }]);
  assert.deepEqual(await (await call('/orders', bob)).json(), []);
});

test('nobody gets in without a token, and only administrators see the statistics', async () => {
  assert.equal((await call('/health')).status, 200);
  assert.equal((await call('/orders')).status, 401);
  assert.equal((await call('/statistics', issuer.token())).status, 403);
  assert.equal((await call('/statistics', issuer.token({ roles: ['admin'] }))).status, 200);
});

test('a logout is true at once', async () => {
  const token = issuer.token();
  assert.equal((await call('/orders', token)).status, 200);
  await issuer.revokeSession(token);
  assert.equal((await call('/orders', token)).status, 401);
});
