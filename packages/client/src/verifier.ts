import { principalOf } from './claims.js';
import { ProofOfPossession } from './dpop/proof-of-possession.js';
import type { PresentedProof } from './dpop/proof.js';
import { TokenError, VerifierUnavailableError } from './errors.js';
import { emitterFor, reasonIn } from './events.js';
import { compactTokenOf } from './form-gate.js';
import { IssuerClock } from './issuer-clock.js';
import { compareIssuer } from './published-issuer.js';
import { headerFaultOf, kidOf, type VerificationKey } from './jwks.js';
import { KeySource } from './key-source.js';
import { settingsOf, type Settings, type VerifierOptions } from './options.js';
import type { Principal } from './principal.js';
import type { ProtectedResource } from './protected-resource.js';
import { Refusals } from './refusals.js';
import { RevocationFeed, type FeedStatus } from './revocation-feed.js';
import { fingerprintOf, RevocationState, throughOf, type Revocable } from './revocation-state.js';
import { isSignedBy } from './signature.js';
import { pause } from './timing.js';
import { TokenFault } from './token-fault.js';
import { VerifiedTokens } from './verified-tokens.js';

/** The current state of a verifier. */
export interface VerifierMetrics {
  /** The state of the feed; `off` where `revocation` is `false`. */
  readonly feed: FeedStatus | 'off';
  /** The last entry of the issuer's log that was applied; -1 before the first. */
  readonly appliedSeq: number;
  /** The age of the known log; null before the first snapshot. */
  readonly stalenessSeconds: number | null;
  /** The greatest possible age of the last frame when it was read; null before the first. */
  readonly lagSeconds: number | null;
  readonly revokedEntries: number;
  readonly cachedTokens: number;
  readonly keys: number;
}

/** Verifies access tokens offline. Made by {@link createVerifier}. */
export interface Verifier {
  /**
   * Verifies a token, and returns the caller as the token states them.
   *
   * @param presented - for a token that comes as `Authorization: DPoP`: its proof (RFC 9449). A token that is bound to
   * a key is refused without it, and a bearer token with it.
   * @throws {TokenError} where the token is refused
   * @throws {VerifierUnavailableError} where the key of the token cannot be fetched now
   */
  verify(token: string, presented?: PresentedProof): Promise<Principal>;
  /**
   * Resolves when keys and revocations are known.
   *
   * @throws {VerifierUnavailableError} after `readyTimeout`; the verifier keeps trying
   */
  ready(): Promise<void>;
  /**
   * Reports a refusal that other code has decided to `onEvent`, as guards do where a role is missing. `verify()`
   * reports its own refusals itself.
   */
  report(error: TokenError): void;
  /** Ends the feed and all timers, so that the process can end. */
  close(): Promise<void>;
  readonly metrics: VerifierMetrics;
  /** The metadata to serve (RFC 9728); null without the option `resource`. */
  readonly protectedResource: ProtectedResource | null;
}

interface VerifiedToken extends Revocable {
  readonly principal: Principal;
  readonly key: VerificationKey;
}

class OfflineVerifier implements Verifier {
  private readonly closing = new AbortController();
  private readonly state = new RevocationState();
  readonly protectedResource: ProtectedResource | null;
  private readonly refusals: Refusals;
  private readonly verified: VerifiedTokens<VerifiedToken>;
  private readonly proofOfPossession: ProofOfPossession;
  private readonly clock: IssuerClock;
  private readonly keys: KeySource;
  private readonly feed: RevocationFeed | null;
  private readonly running: Promise<unknown>;
  /** The first load, for which early tokens wait; null after it has ended in any way. */
  private firstLoad: Promise<unknown> | null;

  constructor(private readonly settings: Settings) {
    const { signal } = this.closing;
    const emit = emitterFor(settings.onEvent);
    this.refusals = new Refusals(emit);
    this.protectedResource = settings.protectedResource;
    this.proofOfPossession = new ProofOfPossession(settings);
    this.verified = new VerifiedTokens(settings.cacheSize);
    this.clock = new IssuerClock(settings.clock, settings.clock);
    this.keys = new KeySource(settings.jwksUri, settings.fetch, emit, signal);
    this.feed = settings.revocation
      ? new RevocationFeed(settings, this.keys, this.state, this.clock, emit, signal)
      : null;
    this.running = Promise.all([
      this.keys.keepFresh(),
      this.feed?.keepFollowing(),
      compareIssuer(settings, this.keys.loaded, emit, signal),
    ]);
    this.firstLoad = this.ready()
      .catch(() => undefined)
      .finally(() => (this.firstLoad = null));
  }

  async verify(token: string, presented?: PresentedProof): Promise<Principal> {
    try {
      if (!token) throw new TokenError('token_missing');
      if (this.firstLoad) await this.firstLoad;
      const verified = this.cached(token) ?? (await this.authenticate(token));
      this.checkAgain(token, verified);
      this.proofOfPossession.check(verified.principal, token, presented, this.clock.now());
      return verified.principal;
    } catch (error) {
      if (error instanceof TokenError) this.report(error);
      throw error;
    }
  }

  report(error: TokenError): void {
    this.refusals.note(error);
  }

  async ready(): Promise<void> {
    const over = new AbortController();
    const close = () => over.abort();
    this.closing.signal.addEventListener('abort', close);
    if (this.closing.signal.aborted) close();
    const timer = setTimeout(close, this.settings.readyTimeout);
    const loaded = Promise.all([this.keys.loaded, this.feed?.loaded]).then(() => true);
    const isReady = await Promise.race([loaded, pause(2 ** 31 - 1, over.signal).then(() => false)]);
    clearTimeout(timer);
    this.closing.signal.removeEventListener('abort', close);
    over.abort();
    if (isReady) return;
    const missing = this.keys.kids.length === 0 ? 'keys' : 'revocations';
    const cause = this.keys.failure ?? this.feed?.failure;
    const reason = cause ? reasonIn(cause) : 'no answer';
    throw new VerifierUnavailableError(`No ${missing} of ${this.settings.issuer}: ${reason}`, { cause });
  }

  async close(): Promise<void> {
    this.closing.abort(new Error('The verifier was closed'));
    await this.running;
  }

  get metrics(): VerifierMetrics {
    const { feed, state } = this;
    return {
      feed: feed?.status ?? 'off',
      appliedSeq: state.seq,
      stalenessSeconds: state.feedTime > 0 ? Math.max(0, this.clock.now() - state.feedTime) : null,
      lagSeconds: feed?.lagSeconds ?? null,
      revokedEntries: state.size,
      cachedTokens: this.verified.size,
      keys: this.keys.kids.length,
    };
  }

  /** Returns the cached result of a token. The tokens of a key that is no longer published are not cached any more. */
  private cached(token: string): VerifiedToken | undefined {
    const verified = this.verified.get(token);
    if (!verified || this.keys.has(verified.key)) return verified;
    this.verified.delete(token);
    return undefined;
  }

  /**
   * Checks form, key, signature and claims, in this order: nothing in a token is trusted before its signature is
   * verified.
   */
  private async authenticate(token: string): Promise<VerifiedToken> {
    const { settings } = this;
    const compact = compactTokenOf(token);
    if (!compact) throw refused('form', 'a JWS in compact serialisation', `${token.length} characters`);
    const key = this.keys.find(settings.tokenType, compact.header) ?? (await this.newKey(compact.header));
    if (!isSignedBy(key, compact.signingInput, compact.signature)) {
      throw refused('signature', `one by the key ${key.kid}`, 'another');
    }
    const principal = principalOf(compact.payload, settings, this.clock.now());
    const { subject, client, session, issuedAt } = principal;
    this.feed?.issuerSpokeAt(issuedAt);
    const fingerprint = session === null ? null : fingerprintOf(session);
    const through = throughOf(principal);
    const verified = { principal, key, kid: key.kid, fingerprint, subject, client, through, issuedAt };
    this.verified.set(token, verified);
    return verified;
  }

  private async newKey(header: string): Promise<VerificationKey> {
    const kid = kidOf(this.settings.tokenType, header);
    if (kid !== null && this.state.isKeyRevoked(kid)) throw new TokenError('token_revoked');
    const key = await this.keys.lookUp(this.settings.tokenType, header);
    if (!key) throw new TokenError('token_invalid', headerFaultOf(header, this.settings.tokenType, this.keys.kids));
    return key;
  }

  /**
   * Checks everything that can change between two requests with the same token: its expiry, its revocation, and the age
   * of what is known.
   */
  private checkAgain(token: string, verified: VerifiedToken): void {
    const { clockTolerance, maxStaleness, revocation } = this.settings;
    const now = this.clock.now();
    if (now >= verified.principal.expiresAt + clockTolerance) {
      this.verified.delete(token);
      const latest = Math.floor(now - clockTolerance);
      throw new TokenError('token_expired', new TokenFault('exp', `after ${latest}`, verified.principal.expiresAt));
    }
    if (this.state.isRevoked(verified)) throw new TokenError('token_revoked');
    const knownUntil = Math.max(this.state.feedTime, verified.issuedAt);
    if (revocation && now - knownUntil > maxStaleness) {
      const age = `${Math.round(now - knownUntil)} s`;
      throw new TokenError('token_stale', new TokenFault('revocations', `known ${maxStaleness} s ago at most`, age));
    }
  }
}

const refused = (check: string, expected: string, found: string): TokenError =>
  new TokenError('token_invalid', new TokenFault(check, expected, found));

/**
 * Makes a verifier of access tokens. It fetches the issuer's keys, follows its revocations, and then verifies without a
 * call per request.
 *
 * @throws {TypeError} for an invalid option
 *
 * @example
 * ```ts
 * const verifier = createVerifier({ issuer: 'https://auth.example.com', audience: 'api' });
 * await verifier.ready();
 *
 * try {
 * const principal = await verifier.verify(token);
 * console.log(principal.subject, principal.roles);
 * } catch (error) {
 * if (error instanceof TokenError) console.log(error.code); // 401
 * else throw error; // 503: VerifierUnavailableError
 * }
 *
 * await verifier.close();
 * ```
 *
 */
export const createVerifier = (options: VerifierOptions): Verifier => new OfflineVerifier(settingsOf(options));
