import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { judgement, pass, readyVerifier, setTheStage, settle, stage, verifierOf } from '../test/verifying.js';
import { jwkOf, newKey, signJws } from '../test/wire-issuer.js';
import { VerifierUnavailableError } from './errors.js';

const SID = 'AZDzpFtsfe-BI0VniavN7w';
const encoded = (text: string) => Buffer.from(text).toString('base64url');

setTheStage();

describe('a token of the issuer', () => {
  it('is accepted, the first time and from memory', async () => {
    const verifier = await readyVerifier();
    const token = stage.issuer.mint({ sid: SID, scope: 'a b', email: 'alice@example.com' });
    const first = await verifier.verify(token);
    expect(first).toMatchObject({ session: SID, roles: ['user'], scopes: ['a', 'b'], email: 'alice@example.com' });
    expect(await verifier.verify(token)).toBe(first);
    expect(verifier.metrics).toMatchObject({ feed: 'connected', cachedTokens: 1, keys: 1, appliedSeq: 0 });
  });

  it('is accepted before ready() was asked for', async () =>
    expect(await judgement(verifierOf(), stage.issuer.mint())).toBe('accepted'));

  it('is accepted with RS256', async () => {
    stage.issuer.keys = [newKey('RS256')];
    expect(await judgement(await readyVerifier(), stage.issuer.mint())).toBe('accepted');
  });

  it('is accepted with the plain type where the verifier is told so, and then only with it', async () => {
    const verifier = await readyVerifier({ tokenType: 'JWT' });
    const { issuer } = stage;
    expect(await judgement(verifier, signJws(issuer.key, 'JWT', JSON.stringify(issuer.claims())))).toBe('accepted');
    expect(await judgement(verifier, issuer.mint())).toBe('token_invalid');
  });

  it('has expired when its time is over by more than the tolerance, also from memory', async () => {
    const verifier = await readyVerifier();
    const token = stage.issuer.mint({ exp: Math.floor(stage.issuer.now()) + 20 });
    await pass(23, () => stage.issuer.heartbeat());
    expect(await judgement(verifier, token)).toBe('accepted');
    await pass(3, () => stage.issuer.heartbeat());
    expect(await judgement(verifier, token)).toBe('token_expired');
    expect(verifier.metrics.cachedTokens).toBe(0);
    expect(await judgement(verifier, token)).toBe('token_expired');
  });

  it('is not remembered beyond the capacity', async () => {
    const verifier = await readyVerifier({ cacheSize: 2 });
    for (let i = 0; i < 5; i++) await verifier.verify(stage.issuer.mint());
    expect(verifier.metrics.cachedTokens).toBe(2);
  });
});

describe('a text that is no token of the issuer', () => {
  it('is missing where it is empty', async () =>
    expect(await judgement(await readyVerifier(), '')).toBe('token_missing'));

  it.each<[string, () => string]>([
    ['nonsense', () => 'abc'],
    ['another key under a known kid', () => stage.issuer.mint({}, newKey('ES256', stage.issuer.key.kid))],
    ['another issuer', () => stage.issuer.mint({ iss: 'https://evil.example' })],
    ['another audience', () => stage.issuer.mint({ aud: 'other' })],
    ['a life that is too long', () => stage.issuer.mint({ exp: Math.floor(stage.issuer.now()) + 3601 })],
    ['a time to come', () => stage.issuer.mint({ iat: Math.floor(stage.issuer.now()) + 10 })],
    ['the type of a frame', () => signJws(stage.issuer.key, 'rev+jwt', JSON.stringify(stage.issuer.claims()))],
    ['the plain type', () => signJws(stage.issuer.key, 'JWT', JSON.stringify(stage.issuer.claims()))],
    [
      'a header with more in it',
      () => {
        const { key } = stage.issuer;
        const header = { alg: key.alg, typ: 'at+jwt', kid: key.kid, crit: [] };
        return signJws(key, 'at+jwt', JSON.stringify(stage.issuer.claims()), header);
      },
    ],
    ['no signature', () => stage.issuer.mint().replace(/[^.]*$/, '')],
    ['an altered payload', () => stage.issuer.mint().replace(/\.(....)/, (_, four: string) => `.${four}AAAA`)],
    [
      'alg none',
      () => `${encoded(`{"alg":"none","typ":"at+jwt","kid":"${stage.issuer.key.kid}"}`)}.${encoded('{}')}.AAAA`,
    ],
    [
      'HS256 with the public key as its secret',
      () => {
        const { key } = stage.issuer;
        const claims = JSON.stringify(stage.issuer.claims());
        const input = `${encoded(`{"alg":"HS256","typ":"at+jwt","kid":"${key.kid}"}`)}.${encoded(claims)}`;
        const secret = key.publicKey.export({ type: 'spki', format: 'pem' });
        return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`;
      },
    ],
  ])('is refused, and costs the issuer nothing: %s', async (_, token) => {
    const verifier = await readyVerifier();
    expect(await judgement(verifier, token())).toBe('token_invalid');
    expect(stage.issuer.count('jwks')).toBe(1);
    expect(verifier.metrics.cachedTokens).toBe(0);
  });
});

describe('a new key', () => {
  it('is found at once', async () => {
    const verifier = await readyVerifier();
    await pass(3);
    stage.issuer.keys.push(newKey());
    expect(await judgement(verifier, stage.issuer.mint())).toBe('accepted');
    expect(stage.issuer.count('jwks')).toBe(2);
    expect(stage.issuer.requests.at(-1)!.headers.get('cache-control')).toBe('no-cache');
  });

  it('is waited for, where an invented one was asked for a moment ago', async () => {
    const verifier = await readyVerifier();
    await pass(3);
    expect(await judgement(verifier, stage.issuer.mint({}, newKey()))).toBe('token_invalid');
    stage.issuer.keys.push(newKey());
    const waiting = judgement(verifier, stage.issuer.mint());
    await pass(1);
    expect(stage.issuer.count('jwks')).toBe(2);
    await pass(1);
    expect(await waiting).toBe('accepted');
    expect(stage.issuer.count('jwks')).toBe(3);
  });

  it('that is invented costs the issuer one request in two seconds, however many ask', async () => {
    const verifier = await readyVerifier();
    const judged: Promise<string>[] = [];
    const invented = newKey();
    await pass(10, () => {
      for (let i = 0; i < 20; i++) judged.push(judgement(verifier, stage.issuer.mint({}, invented)));
    });
    await pass(3);
    expect(new Set(await Promise.all(judged))).toEqual(new Set(['token_invalid']));
    expect(stage.issuer.count('jwks')).toBeLessThanOrEqual(1 + 7);
  });

  it('cannot be judged while the issuer cannot be asked; the known ones can', async () => {
    const verifier = await readyVerifier();
    await pass(3);
    stage.issuer.failing = 'jwks';
    expect(await judgement(verifier, stage.issuer.mint({}, newKey()))).toBe('unavailable');
    expect(await judgement(verifier, stage.issuer.mint())).toBe('accepted');
  });

  it('is known before it signs, because keys are fetched ahead of time', async () => {
    const verifier = await readyVerifier();
    const old = stage.issuer.key;
    const next = newKey();
    stage.issuer.override = (url) =>
      url.pathname.endsWith('jwks.json') ? Response.json({ keys: [jwkOf(old), jwkOf(next)] }) : null;
    await pass(300, () => stage.issuer.heartbeat());
    const asked = stage.issuer.count('jwks');
    expect(asked).toBe(2);
    stage.issuer.keys = [next];
    expect(await judgement(verifier, stage.issuer.mint())).toBe('accepted');
    expect(stage.issuer.count('jwks')).toBe(asked);
  });
});

describe('the known keys', () => {
  it.each<[string, () => Response]>([
    ['an error', () => new Response('', { status: 500 })],
    ['a page', () => new Response('<html>')],
    ['an empty set', () => Response.json({ keys: [] })],
    ['a set without a key of ours', () => Response.json({ keys: [{ kty: 'oct', k: 'AAAA' }] })],
    ['more than anybody needs', () => new Response('['.repeat(9 * 1024 * 1024))],
  ])('stand where a refresh brings %s', async (_, answer) => {
    const verifier = await readyVerifier();
    stage.issuer.override = (url) => (url.pathname.endsWith('jwks.json') ? answer() : null);
    await pass(300, () => stage.issuer.heartbeat());
    expect(stage.issuer.count('jwks')).toBeGreaterThan(1);
    expect(stage.events.some(({ type }) => type === 'keys_failed')).toBe(true);
    expect(await judgement(verifier, stage.issuer.mint())).toBe('accepted');
  });

  it('take their tokens with them when they are gone', async () => {
    const verifier = await readyVerifier();
    const token = stage.issuer.mint();
    expect(await judgement(verifier, token)).toBe('accepted');
    stage.issuer.keys = [newKey()];
    await pass(300, () => stage.issuer.heartbeat());
    const judged = judgement(verifier, stage.issuer.mint({}, newKey('ES256', 'gone')));
    await pass(3);
    await judged;
    const gone = judgement(verifier, token);
    await pass(3);
    expect(await gone).toBe('token_invalid');
  });
});

describe('a verifier without an issuer', () => {
  it('says so in bounded time, neither accepts nor refuses, and recovers', async () => {
    stage.issuer.failing = 'all';
    const verifier = verifierOf({ readyTimeout: 3000 });
    const ready = verifier.ready().catch((error: unknown) => error);
    const token = stage.issuer.mint();
    const judged = judgement(verifier, token);
    await pass(3);
    expect(await ready).toBeInstanceOf(VerifierUnavailableError);
    expect((await ready) as Error).toMatchObject({ message: `No keys of ${stage.issuer.issuer}: fetch failed` });
    await pass(3);
    expect(await judged).toBe('unavailable');
    stage.issuer.failing = null;
    await pass(10);
    await verifier.ready();
    expect(await judgement(verifier, token)).toBe('accepted');
  });

  it('that hangs is not waited for beyond the bound', async () => {
    stage.issuer.override = () => new Promise<Response>(() => undefined);
    const verifier = verifierOf({ readyTimeout: 3000 });
    const ready = verifier.ready().catch((error: unknown) => error);
    await pass(3);
    expect(await ready).toMatchObject({ message: `No keys of ${stage.issuer.issuer}: no answer` });
    await verifier.close();
  });

  it('that was closed asks for nothing any more', async () => {
    const verifier = await readyVerifier();
    await verifier.close();
    const asked = stage.issuer.requests.length;
    await pass(600);
    expect(stage.issuer.requests).toHaveLength(asked);
    expect(stage.issuer.streams.size).toBe(0);
  });

  it('is not brought down by a listener that throws', async () => {
    const verifier = await readyVerifier({
      onEvent: () => {
        throw new Error('listener');
      },
    });
    await settle();
    expect(await judgement(verifier, stage.issuer.mint())).toBe('accepted');
  });
});
