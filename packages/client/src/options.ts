import type { VerifierEvent } from './events.js';
import { protectedResourceOf, type ResourceDescription } from './protected-resource.js';

/** The options of a verifier. Only `issuer` and `audience` are required. */
export interface VerifierOptions {
  /** Exactly the `iss` of the tokens, which is the public URL of the service. */
  readonly issuer: string;
  /** The audience that your service is, or several. The `aud` of a token must contain one of them. */
  readonly audience: string | readonly string[];
  /**
   * For how many seconds after the loss of the revocation feed tokens are still accepted, 60 by default. It is also the
   * longest time for which a revoked token can be accepted. With less than 15, tokens are refused during ordinary
   * reconnects.
   */
  readonly maxStaleness?: number;
  /** How far clocks may differ, in seconds: 5 by default, 60 at most. */
  readonly clockTolerance?: number;
  /** `false` verifies offline only: a revoked token is accepted until it expires. */
  readonly revocation?: boolean;
  /** The URL of the JWKS; by default `/.well-known/jwks.json` of the issuer. */
  readonly jwksUri?: string;
  /** The URL of the revocation stream; by default `/revocations/stream` of the issuer. */
  readonly streamUri?: string;
  /** The URL of the snapshot, also of a CDN; by default `/revocations/snapshot` of the issuer. */
  readonly snapshotUri?: string;
  /** Returns an access token for the feed, where the issuer requires one. Called before each request. */
  readonly feedToken?: () => string | Promise<string>;
  /** Replaces the global `fetch`: for a proxy, or a test. */
  readonly fetch?: typeof globalThis.fetch;
  /** Replaces the clocks of this machine, in milliseconds since the epoch: for a test that moves it. */
  readonly clock?: () => number;
  /** How many verified tokens are remembered, 10,000 by default. */
  readonly cacheSize?: number;
  /** The `typ` of the tokens, as the issuer is configured: `at+jwt` by default. */
  readonly tokenType?: 'at+jwt' | 'JWT';
  /** How long `ready()`, and a `verify()` that comes before it, wait for the issuer: 10,000 milliseconds by default. */
  readonly readyTimeout?: number;
  /**
   * The URL under which clients reach your service, without a slash at its end. DPoP proofs (RFC 9449) name it; without
   * it no bound token is accepted. It is never read from a request.
   */
  readonly publicUrl?: string;
  /** Whether only access tokens that are bound to a key (RFC 9449) are accepted; `false` by default. */
  readonly requireDpop?: boolean;
  /**
   * Describes the service for its metadata (RFC 9728), which is then served and named in challenges. Requires
   * `publicUrl`.
   */
  readonly resource?: ResourceDescription;
  /** Receives the events of the verifier, for logs. They never contain a token. */
  readonly onEvent?: (event: VerifierEvent) => void;
}

const MAX_CLOCK_TOLERANCE = 60;

function requireThat(condition: boolean, message: string): void {
  if (!condition) throw new TypeError(message);
}

const isPlainUrl = (url: string): boolean =>
  URL.canParse(url) && /^https?:\/\/[^?#]*[^?#/]$/.test(url) && new URL(url).username === '';

/** Returns the options with all their defaults. Throws `TypeError` for an invalid one. */
export function settingsOf(options: VerifierOptions) {
  const { issuer, audience } = options;
  requireThat(typeof issuer === 'string' && URL.canParse(issuer), 'issuer: a URL is required');
  const audiences = typeof audience === 'string' ? [audience] : [...(audience ?? [])];
  requireThat(audiences.length > 0 && audiences.every((one) => one), 'audience: at least one is required');
  const { maxStaleness = 60, clockTolerance = 5, cacheSize = 10_000, readyTimeout = 10_000 } = options;
  requireThat(maxStaleness > 0, 'maxStaleness: more than 0 seconds');
  requireThat(clockTolerance >= 0 && clockTolerance <= MAX_CLOCK_TOLERANCE, 'clockTolerance: 0 to 60 seconds');
  requireThat(Number.isInteger(cacheSize) && cacheSize > 0, 'cacheSize: an integer above 0');
  requireThat(readyTimeout > 0, 'readyTimeout: more than 0 milliseconds');
  const base = issuer.replace(/\/$/, '');
  const uris = {
    jwksUri: options.jwksUri ?? `${base}/.well-known/jwks.json`,
    streamUri: options.streamUri ?? `${base}/revocations/stream`,
    snapshotUri: options.snapshotUri ?? `${base}/revocations/snapshot`,
  };
  const { publicUrl, requireDpop = false, resource } = options;
  requireThat(
    publicUrl === undefined || isPlainUrl(publicUrl),
    'publicUrl: a URL without query, fragment and final slash',
  );
  requireThat(!requireDpop || publicUrl !== undefined, 'requireDpop: needs publicUrl');
  requireThat(!resource || publicUrl !== undefined, 'resource: needs publicUrl');
  for (const [name, uri] of Object.entries(uris)) requireThat(URL.canParse(uri), `${name}: a URL is required`);
  return {
    ...uris,
    issuer,
    audiences,
    maxStaleness,
    clockTolerance,
    cacheSize,
    readyTimeout,
    revocation: options.revocation ?? true,
    feedToken: options.feedToken,
    fetch: options.fetch ?? globalThis.fetch,
    clock: options.clock,
    publicUrl,
    requireDpop,
    protectedResource: resource ? protectedResourceOf({ issuer, publicUrl: publicUrl!, requireDpop }, resource) : null,
    tokenType: options.tokenType ?? 'at+jwt',
    onEvent: options.onEvent,
  };
}

export type Settings = ReturnType<typeof settingsOf>;
