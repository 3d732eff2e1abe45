import { afterEach, beforeEach, describe, expect, it, vi, type MockInstance } from 'vitest';
import { pass, readyVerifier, setTheStage, settle, stage, verifierOf } from '../test/verifying.js';
import { newKey, signJws } from '../test/wire-issuer.js';
import type { VerifierEvent } from './events.js';
import type { TokenError } from './index.js';
import type { VerifierOptions } from './options.js';
import type { Verifier } from './verifier.js';

setTheStage();

const ISSUER = 'https://auth.example.com';
const URIS = {
  jwksUri: `${ISSUER}/.well-known/jwks.json`,
  streamUri: `${ISSUER}/revocations/stream`,
  snapshotUri: `${ISSUER}/revocations/snapshot`,
};

const refusalOf = async (verifier: Verifier, token: string): Promise<TokenError> => {
  const judged = verifier.verify(token).then(
    () => expect.unreachable(),
    (error: unknown) => error as TokenError,
  );
  await pass(3);
  return judged;
};
const seconds = () => Math.floor(stage.issuer.now());
const of = <T extends VerifierEvent['type']>(type: T) =>
  stage.events.filter((event): event is VerifierEvent & { type: T } => event.type === type);

describe('a service that was set up wrong', () => {
  const OTHER_TYPE = () => signJws(stage.issuer.key, 'JWT', JSON.stringify(stage.issuer.claims()));

  it.each<[string, Partial<VerifierOptions>, (() => string) | null, RegExp]>([
    ['another audience', { audience: 'orders' }, null, /^aud: expected orders, found 'api'$/],
    ['several audiences', { audience: ['a', 'b'] }, null, /^aud: expected \[ 'one of', 'a', 'b' \], found 'api'$/],
    ['a slash', { issuer: `${ISSUER}/` }, null, /^iss: expected (\S+)\/, found '\1'$/],
    ['another host', { issuer: 'https://127.0.0.1' }, null, /^iss: expected https:\/\/127\.0\.0\.1, found 'https:.+'$/],
    ['another scheme', { issuer: 'http://auth.example.com' }, null, /^iss: expected http:\S+, found 'https:.+'$/],
    ['another typ', {}, OTHER_TYPE, /^typ: expected at\+jwt, found 'JWT'$/],
    [
      'a slow clock',
      { revocation: false, clock: () => Date.now() - 3_600_000 },
      null,
      /^iat: expected \d+ at most, by the clock here, found \d+$/,
    ],
    ['another key', {}, () => stage.issuer.mint({}, newKey()), /^kid: expected \[ '[\w-]+' \], found '[\w-]+'$/],
    [
      'an old token',
      {},
      () => stage.issuer.mint({ iat: seconds() - 700, exp: seconds() - 100 }),
      /^exp: expected after /,
    ],
    ['no JWT', {}, () => 'opaque', /^form: .+ found '6 characters'$/],
  ])('learns from cause and event what was wrong: %s', async (_, options, mint, reason) => {
    const verifier = verifierOf({ ...URIS, readyTimeout: 1000, ...options });
    await pass(2);
    const error = await refusalOf(verifier, (mint ?? (() => stage.issuer.mint()))());
    expect(error.cause?.message).toMatch(reason);
    expect(error.message).not.toContain('expected');
    expect(of('token_refused')).toEqual([{ type: 'token_refused', code: error.code, fault: error.cause, times: 1 }]);
  });

  it('hears that the issuer has another name, once', async () => {
    stage.issuer.override = (url) =>
      url.pathname === '/.well-known/oauth-authorization-server' ? Response.json({ issuer: ISSUER }) : null;
    verifierOf({ ...URIS, issuer: `${ISSUER}/` });
    await pass(600);
    expect(of('issuer_differs')).toEqual([{ type: 'issuer_differs', expected: `${ISSUER}/`, found: `'${ISSUER}'` }]);
  });

  it.each<[string, () => Response | null]>([
    ['has the same name', () => Response.json({ issuer: ISSUER })],
    ['has no metadata', () => new Response('', { status: 404 })],
    ['has a page there', () => new Response('<html>')],
    ['names nothing', () => Response.json(null)],
  ])('hears nothing of that where the issuer %s', async (_, answer) => {
    stage.issuer.override = (url) => (url.pathname.endsWith('oauth-authorization-server') ? answer() : null);
    const verifier = await readyVerifier();
    await pass(10);
    expect(of('issuer_differs')).toEqual([]);
    await verifier.close();
  });
});

describe('bad tokens in great number', () => {
  it('are told of check by check, at once and then once a minute with their number', async () => {
    const verifier = await readyVerifier();
    for (let round = 0; round < 100; round++) {
      await verifier.verify(stage.issuer.mint({ aud: 'other' })).catch(() => undefined);
      await verifier.verify(`x${round}`).catch(() => undefined);
    }
    expect(of('token_refused').map(({ fault, times }) => [fault?.check, times])).toEqual([
      ['aud', 1],
      ['form', 1],
    ]);
    await pass(61, () => stage.issuer.heartbeat());
    await verifier.verify('x').catch(() => undefined);
    expect(of('token_refused').at(-1)).toMatchObject({ fault: { check: 'form' }, times: 100 });
  });

  it('show nothing that breaks a line, and nothing of themselves that could be used', async () => {
    const verifier = await readyVerifier();
    const token = stage.issuer.mint({ iss: `\u001b[2J\n${'x'.repeat(3000)}` });
    const { cause } = await refusalOf(verifier, token);
    expect(cause!.message.length).toBeLessThan(260);
    expect(cause!.message).not.toMatch(/\p{Cc}/u);
    const forged = await refusalOf(verifier, `${stage.issuer.mint().slice(0, -8)}AAAAAAAA`);
    expect(forged.cause?.message).toMatch(/^signature: expected one by the key [\w-]+, found 'another'$/);
  });
});

describe('where nobody listens', () => {
  let warnings: MockInstance<typeof process.emitWarning>;
  beforeEach(() => void (warnings = vi.spyOn(process, 'emitWarning').mockReturnValue()));
  afterEach(() => warnings.mockRestore());
  const texts = () => warnings.mock.calls.map(([text]) => String(text));
  const silent = (options: Partial<VerifierOptions> = {}) => verifierOf({ ...URIS, onEvent: undefined, ...options });

  it.each([401, 404])('the process is warned once of keys that answer %d', async (status) => {
    stage.issuer.override = (url) => (url.pathname.endsWith('jwks.json') ? new Response('', { status }) : null);
    silent();
    await pass(60);
    expect(texts()).toEqual([expect.stringContaining(`${URIS.jwksUri} answered ${status}`)]);
  });

  it('a closed feed is told of once', async () => {
    stage.issuer.override = (url) =>
      url.pathname.startsWith('/revocations/') ? new Response('', { status: 401 }) : null;
    silent();
    await pass(60);
    expect(texts()).toEqual([expect.stringMatching(/answered 401.+feedToken/)]);
  });

  it('each mistake that refuses good tokens is told of once, and no other refusal', async () => {
    const verifier = silent({ audience: 'orders' });
    for (let round = 0; round < 3; round++) {
      for (const token of [stage.issuer.mint(), 'x', stage.issuer.mint({ aud: 'orders', exp: 1 })]) {
        await verifier.verify(token).catch(() => undefined);
      }
      await pass(61, () => stage.issuer.heartbeat());
    }
    await settle();
    expect(texts()).toEqual([expect.stringContaining("aud: expected orders, found 'api'")]);
  });
});
