import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { newKey, signJws, WireIssuer } from '../test/wire-issuer.js';
import { TokenError, VerifierUnavailableError } from './errors.js';
import type { VerifierEvent } from './events.js';
import type { VerifierOptions } from './options.js';
import { createVerifier, type Verifier } from './verifier.js';

const SID = 'AZDzpFtsfe-BI0VniavN7w';

let issuer: WireIssuer;
const open: Verifier[] = [];

beforeEach(() => {
  vi.useFakeTimers({
    now: 1_795_400_000_000,
    toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date', 'performance'],
  });
  issuer = new WireIssuer();
});

afterEach(async () => {
  await Promise.all(open.splice(0).map((verifier) => verifier.close()));
  vi.useRealTimers();
});

function verifierOf(options: Partial<VerifierOptions> = {}): Verifier {
  const verifier = createVerifier({ issuer: issuer.issuer, audience: 'api', fetch: issuer.fetch, ...options });
  open.push(verifier);
  return verifier;
}

/** Lets everything happen that is due within these seconds. */
const pass = async (seconds: number): Promise<void> => {
  for (let step = 0; step < 10; step++) await new Promise((resolve) => setImmediate(resolve));
  await vi.advanceTimersByTimeAsync(seconds * 1000);
  for (let step = 0; step < 10; step++) await new Promise((resolve) => setImmediate(resolve));
};

async function readyVerifier(options: Partial<VerifierOptions> = {}): Promise<Verifier> {
  const verifier = verifierOf(options);
  await verifier.ready();
  return verifier;
}

/** `accepted`, the code of the refusal, or `unavailable`. */
const judgement = (verifier: Verifier, token: string): Promise<string> =>
  verifier.verify(token).then(
    () => 'accepted',
    (error: unknown) => {
      if (error instanceof TokenError) return error.code;
      if (error instanceof VerifierUnavailableError) return 'unavailable';
      throw error;
    },
  );

describe('a token of the issuer', () => {
  it('is accepted, the first time and from memory', async () => {
    const verifier = await readyVerifier();
    const token = issuer.mint({ sid: SID, scope: 'a b', email: 'alice@example.com' });
    const first = await verifier.verify(token);
    expect(first).toMatchObject({ session: SID, roles: ['user'], scopes: ['a', 'b'], email: 'alice@example.com' });
    expect(await verifier.verify(token)).toBe(first);
    expect(verifier.metrics).toMatchObject({ feed: 'connected', cachedTokens: 1, keys: 1, appliedSeq: 0 });
  });

  it('is refused as soon as its session is revoked', async () => {
    const verifier = await readyVerifier();
    const token = issuer.mint({ sid: SID });
    expect(await judgement(verifier, token)).toBe('accepted');
    issuer.revokeSession(SID);
    await pass(0);
    expect(await judgement(verifier, token)).toBe('token_revoked');
    expect(await judgement(verifier, issuer.mint())).toBe('accepted');
  });
});
