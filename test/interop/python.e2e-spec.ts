import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { exportJWK } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { encode } from '../attacks/forged-token.js';
import { ASSERTION_TYPE, ClientKey } from '../support/client-key.js';
import { decodeToken } from '../support/decode-token.js';
import { sendForm } from '../support/service-account.js';
import { Issuer, type ServiceClient } from '../system/support/issuer.js';
import { Scene } from '../system/support/service.js';

const PROGRAM = fileURLToPath(new URL('verify.py', import.meta.url));
// Debian's, with the libraries that it packages.
const PYTHON = '/usr/bin/python3';

const scene = new Scene();
afterAll(() => scene.clear());

/** What the library prints; rejects with what it has to say where it refuses. */
async function run(library: string, issuer: string, alg: string, input: string): Promise<string> {
  const child = spawn(PYTHON, [PROGRAM, library, issuer, alg], { stdio: 'pipe' });
  let [output, errors] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
  child.stdin.end(input);
  const [code] = (await once(child, 'close')) as [number];
  if (code !== 0) throw new Error(errors);
  return output.trim();
}

describe.each(['ES256', 'RS256'])('with %s, libraries of Debian for Python', (alg) => {
  let issuer: Issuer;
  let client: ServiceClient;
  let key: ClientKey;
  let token: string;
  beforeAll(async () => {
    issuer = await Issuer.start(scene, { JWT_ALG: alg });
    key = await ClientKey.generate();
    client = await issuer.createClient({ scopes: ['orders:read'], jwks: key.jwks });
    const basic = Buffer.from(`${client.id}:${client.secret}`).toString('base64');
    token = (await ask({}, { authorization: `Basic ${basic}` })).body['access_token']!;
  });

  const ask = (form: Record<string, string>, headers: Record<string, string> = {}) =>
    sendForm(issuer, '/oauth/token', { grant_type: 'client_credentials', ...form }, headers);

  describe.each(['PyJWT', 'Authlib', 'jwcrypto', 'python-jose'])('%s', (library) => {
    it('verifies our tokens by the JWKS', async () => {
      const claims = JSON.parse(await run(library, issuer.url, alg, token)) as Record<string, unknown>;
      expect(claims).toMatchObject({ iss: issuer.url, aud: 'api', sub: client.id, scope: 'orders:read' });
    });

    it('and refuses one that was altered', async () => {
      const { claims, segments } = decodeToken(token);
      const altered = segments.with(1, encode({ ...claims, sub: 'somebody' })).join('.');
      await expect(run(library, issuer.url, alg, altered)).rejects.toThrow(/signature/i);
    });
  });

  it('Authlib signs who a client is (private_key_jwt)', async () => {
    const jwk = { ...(await exportJWK(key.privateKey)), kid: key.jwk.kid };
    const input = JSON.stringify({ jwk, client: client.id });
    const assertion = await run('authlib-assertion', issuer.url, 'ES256', input);
    const form = { client_assertion_type: ASSERTION_TYPE, client_assertion: assertion.replaceAll('"', '') };
    expect(await ask(form)).toMatchObject({ status: 200, body: { token_type: 'Bearer' } });
    expect(await ask(form)).toMatchObject({ status: 401, body: { error: 'invalid_client' } });
  });
});
