import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createVerifier, TokenError, type Verifier } from '../index.js';
import { createTestIssuer, type TestIssuer } from './index.js';

let issuer: TestIssuer;
let verifier: Verifier;
let lost: number;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  lost = 0;
  issuer = createTestIssuer();
  verifier = createVerifier({
    ...issuer.verifierOptions,
    onEvent: ({ type }) => {
      if (type === 'feed_lost') lost += 1;
    },
  });
});
afterEach(async () => {
  await verifier.close();
  await issuer.close();
  vi.useRealTimers();
});

const verdictOn = (token: string): Promise<string> =>
  verifier.verify(token).then(
    () => 'accepted',
    (error: unknown) => (error instanceof TokenError ? error.code : String(error)),
  );

describe('a verifier in the process of the test issuer', () => {
  it.each([
    ['the session', (token: string) => issuer.revokeSession(token)],
    ['the user', () => issuer.revokeUser('alice')],
    ['the client', () => issuer.revokeClient('shop')],
    ['everybody', () => issuer.revokeAll()],
    ['the key', () => issuer.rotateKey({ emergency: true })],
  ])('has applied the revocation of %s when it resolves', async (_, revoke) => {
    await verifier.ready();
    const token = issuer.token({ subject: 'alice', client: 'shop' });
    const other = issuer.token({ subject: 'bob', client: 'app' });
    expect([await verdictOn(token), await verdictOn(other)]).toEqual(['accepted', 'accepted']);
    await revoke(token);
    expect(await verdictOn(token)).toBe('token_revoked');
  });

  it('refuses what a service has handed on to the next, once the service is revoked', async () => {
    await verifier.ready();
    const actor = { subject: 'svc_billing', actor: { subject: 'svc_orders', actor: null } };
    const token = issuer.token({ subject: 'alice', client: 'svc_billing', actor });
    expect(await verdictOn(token)).toBe('accepted');
    await issuer.revokeClient('svc_orders');
    expect(await verdictOn(token)).toBe('token_revoked');
  });

  it('accepts what is minted right after an epoch', async () => {
    await verifier.ready();
    for (let round = 0; round < 20; round++) {
      const before = issuer.token({ subject: 'alice' });
      await issuer.revokeUser('alice');
      expect([await verdictOn(before), await verdictOn(issuer.token({ subject: 'alice' }))]).toEqual([
        'token_revoked',
        'accepted',
      ]);
    }
  });

  it('accepts tokens of the old key and of the new one after a rotation', async () => {
    await verifier.ready();
    const old = issuer.token();
    expect(await verdictOn(old)).toBe('accepted');
    await issuer.rotateKey();
    expect([await verdictOn(old), await verdictOn(issuer.token())]).toEqual(['accepted', 'accepted']);
  });

  it('goes with the clock that a test moves, and does not take it for a fault', async () => {
    await verifier.ready();
    const token = issuer.token({ expiresIn: 300 });
    await issuer.advance(290);
    await vi.advanceTimersByTimeAsync(3000);
    expect([await verdictOn(token), lost, issuer.connectedVerifiers]).toEqual(['accepted', 0, 1]);
    await issuer.advance(20);
    expect(await verdictOn(token)).toBe('token_expired');
  });
});
