import { TokenError, VerifierUnavailableError } from '../errors.js';
import type { Settings } from '../options.js';
import type { Principal } from '../principal.js';
import { TokenFault } from '../token-fault.js';
import { VerifiedTokens } from '../verified-tokens.js';
import type { ProofKey } from './proof-key.js';
import { keyOfHeader, proofFault, readProof, type PresentedProof } from './proof.js';
import { SeenProofs } from './seen-proofs.js';

const CACHED_KEYS = 1000;

/** Checks that the sender of an access token has the key that the token is bound to (RFC 9449). */
export class ProofOfPossession {
  private readonly seen = new SeenProofs();
  /** The keys by the first segment of the proofs that they sign. */
  private readonly keys = new VerifiedTokens<ProofKey>(CACHED_KEYS);

  constructor(private readonly settings: Pick<Settings, 'publicUrl' | 'requireDpop'>) {}

  /** Accepts bearer tokens without a proof, and bound tokens with one that was not used before. `now` is in seconds. */
  check({ keyThumbprint }: Principal, token: string, presented: PresentedProof | undefined, now: number): void {
    if (keyThumbprint === null) {
      if (this.settings.requireDpop) throw new TokenError('token_unbound');
      if (presented)
        throw new TokenError('token_invalid', new TokenFault('cnf', 'a key, since a proof came', 'nothing'));
      return;
    }
    // RFC 9449 7.2: a bound token is no bearer token.
    if (!presented) throw new TokenError('token_bound');
    const proof = readProof({ ...presented, url: this.absolute(presented.url) }, token, now, (segment) =>
      this.keyOf(segment),
    );
    // RFC 9449 4.3 (12).
    if (proof.thumbprint !== keyThumbprint) throw proofFault('jwk', `the key ${keyThumbprint}`, proof.thumbprint);
    const isFirst = this.seen.isFirst(proof, now);
    if (isFirst === null) throw new VerifierUnavailableError('More DPoP proofs were shown than can be remembered');
    if (!isFirst) throw proofFault('jti', 'one that was not used before', proof.id);
  }

  /**
   * Completes a URL by the configured one, because an attacker who replays a proof elsewhere chooses the Host header
   * too.
   */
  private absolute(url: string): string {
    if (!url.startsWith('/')) return url;
    const { publicUrl } = this.settings;
    if (publicUrl === undefined) throw proofFault('publicUrl', 'the option to be set', undefined);
    return publicUrl + url;
  }

  private keyOf(segment: string): ProofKey | null {
    const known = this.keys.get(segment);
    if (known) return known;
    const key = keyOfHeader(segment);
    if (key) this.keys.set(segment, key);
    return key;
  }
}
