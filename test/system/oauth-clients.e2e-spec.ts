import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import { auth, requiredScopes } from 'express-oauth2-jwt-bearer';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import * as oauth from 'oauth4webapi';
import * as openid from 'openid-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { encode } from '../attacks/forged-token.js';
import { ClientKey } from '../support/client-key.js';
import { decodeToken } from '../support/decode-token.js';
import { sendForm } from '../support/service-account.js';
import { Issuer, type ServiceClient } from './support/issuer.js';
import { Scene } from './support/service.js';

const scene = new Scene();
afterAll(() => scene.clear());

describe.each(['ES256', 'RS256'])('with %s, libraries of others that are known to be strict', (alg) => {
  let issuer: Issuer;
  let client: ServiceClient;
  let key: ClientKey;
  beforeAll(async () => {
    issuer = await Issuer.start(scene, { JWT_ALG: alg });
    key = await ClientKey.generate();
    client = await issuer.createClient({ scopes: ['orders:read'], jwks: key.jwks });
  });

  describe('oauth4webapi', () => {
    const insecure = { [oauth.allowInsecureRequests]: true };
    let server: oauth.AuthorizationServer;
    beforeAll(async () => {
      const url = new URL(issuer.url);
      const answer = await oauth.discoveryRequest(url, { algorithm: 'oauth2', ...insecure });
      server = await oauth.processDiscoveryResponse(url, answer);
    });

    const tokenBy = async (authentication: oauth.ClientAuth) => {
      const about = { client_id: client.id };
      const form = new URLSearchParams({ scope: 'orders:read' });
      const answer = await oauth.clientCredentialsGrantRequest(server, about, authentication, form, insecure);
      return oauth.processClientCredentialsResponse(server, about, answer);
    };

    it.each<[string, () => oauth.ClientAuth]>([
      ['client_secret_basic', () => oauth.ClientSecretBasic(client.secret)],
      ['client_secret_post', () => oauth.ClientSecretPost(client.secret)],
      ['private_key_jwt', () => oauth.PrivateKeyJwt({ key: key.privateKey, kid: key.jwk.kid })],
    ])('gets a token by %s, which it verifies', async (method, authentication) => {
      expect(server.token_endpoint_auth_methods_supported).toContain(method);
      const { access_token, token_type, scope } = await tokenBy(authentication());
      expect({ token_type, scope }).toEqual({ token_type: 'bearer', scope: 'orders:read' });
      const request = new Request('https://orders.example.com', {
        headers: { authorization: `Bearer ${access_token}` },
      });
      const claims = await oauth.validateJwtAccessToken(server, request, 'api', insecure);
      expect(claims).toMatchObject({ sub: client.id, client_id: client.id, scope: 'orders:read' });
    });

    it('reads our errors', async () => {
      const error = await tokenBy(oauth.ClientSecretBasic('css_wrong')).catch((thrown: unknown) => thrown);
      // The challenge that RFC 6749 5.2 asks for.
      expect(error).toBeInstanceOf(oauth.WWWAuthenticateChallengeError);
      const posted = await tokenBy(oauth.ClientSecretPost('css_wrong')).catch((thrown: unknown) => thrown);
      expect(posted).toMatchObject({ status: 401 });
    });
  });

  describe('openid-client', () => {
    const insecure = { execute: [openid.allowInsecureRequests], algorithm: 'oauth2' as const };

    it.each<[string, () => openid.ClientAuth]>([
      ['client_secret_basic', () => openid.ClientSecretBasic(client.secret)],
      ['client_secret_post', () => openid.ClientSecretPost(client.secret)],
      ['private_key_jwt', () => openid.PrivateKeyJwt({ key: key.privateKey, kid: key.jwk.kid })],
    ])('finds us and gets a token by %s', async (_, authentication) => {
      const server = new URL(issuer.url);
      const config = await openid.discovery(server, client.id, undefined, authentication(), insecure);
      const tokens = await openid.clientCredentialsGrant(config, { resource: 'api' });
      expect(tokens).toMatchObject({ token_type: 'bearer', scope: 'orders:read', expires_in: 600 });
    });
  });

  const token = async (): Promise<string> => {
    const basic = Buffer.from(`${client.id}:${client.secret}`).toString('base64');
    const form = { grant_type: 'client_credentials' };
    const { body } = await sendForm(issuer, '/oauth/token', form, { authorization: `Basic ${basic}` });
    return body['access_token']!;
  };

  it('jose verifies our tokens by the JWKS', async () => {
    const keys = createRemoteJWKSet(new URL(`${issuer.url}/.well-known/jwks.json`));
    const { payload, protectedHeader } = await jwtVerify(await token(), keys, {
      issuer: issuer.url,
      audience: 'api',
      typ: 'at+jwt',
      algorithms: [alg],
      requiredClaims: ['sub', 'client_id', 'jti', 'iat', 'exp', 'scope'],
    });
    expect(payload.sub).toBe(client.id);
    expect(protectedHeader.alg).toBe(alg);
  });

  describe('express-oauth2-jwt-bearer', () => {
    let orders: Server;
    beforeAll(async () => {
      const app = express();
      const guard = auth({ issuerBaseURL: issuer.url, audience: 'api', tokenSigningAlg: alg, strict: true });
      app.get('/orders', guard, requiredScopes('orders:read'), (request, response) => {
        response.json(request.auth?.payload);
      });
      app.get('/payroll', guard, requiredScopes('payroll:read'), (_, response) => void response.json({}));
      orders = app.listen(0, '127.0.0.1');
      await once(orders, 'listening');
    });
    afterAll(() => void orders.close());

    const call = (path: string, bearer: string) =>
      fetch(`http://127.0.0.1:${(orders.address() as AddressInfo).port}${path}`, {
        headers: { authorization: `Bearer ${bearer}` },
      });

    it('admits a service by its scopes', async () => {
      const answer = await call('/orders', await token());
      expect(answer.status).toBe(200);
      expect(await answer.json()).toMatchObject({ sub: client.id });
      expect((await call('/payroll', await token())).status).toBe(403);
    });

    it('and nobody with a token that was altered', async () => {
      const { claims, segments } = decodeToken(await token());
      const altered = segments.with(1, encode({ ...claims, scope: 'payroll:read' })).join('.');
      expect((await call('/payroll', altered)).status).toBe(401);
    });
  });
});
