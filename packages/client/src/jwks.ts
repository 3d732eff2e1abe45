import { createPublicKey, type KeyObject } from 'node:crypto';
import { TokenFault } from './token-fault.js';

export type Algorithm = 'ES256' | 'RS256';

/** The types of what the issuer signs: an access token, a frame of the feed or a snapshot. */
export const JWS_TYPES = ['at+jwt', 'JWT', 'rev+jwt', 'rev-snapshot+jwt'] as const;
export type JwsType = (typeof JWS_TYPES)[number];

/** A public key of the issuer, parsed. */
export interface VerificationKey {
  readonly kid: string;
  readonly alg: Algorithm;
  readonly key: KeyObject;
  /** The members that make the key, by which a key that is published again stays the same object. */
  readonly source: string;
}

const MIN_RSA_BITS = 2048;
const HEADER = /^\{"alg":"(?:ES256|RS256)","typ":"(?<typ>[\w+-]+)","kid":"(?<kid>[\w-]{1,64})"\}$/;

/** Returns the one header segment that a key mints for a type, with the members in the issuer's order. */
export const encodedHeader = (type: JwsType, { alg, kid }: Pick<VerificationKey, 'alg' | 'kid'>): string =>
  Buffer.from(JSON.stringify({ alg, typ: type, kid })).toString('base64url');

/**
 * Returns the `kid` in a header segment that a key of the issuer could mint for this type; null for every other
 * segment.
 */
export function kidOf(type: JwsType, header: string): string | null {
  const { typ, kid } = HEADER.exec(Buffer.from(header, 'base64url').toString())?.groups ?? {};
  return typ === type ? kid! : null;
}

/** Returns why no key of the issuer mints a header segment. */
export function headerFaultOf(header: string, type: JwsType, kids: readonly string[]): TokenFault {
  const { alg, typ, kid } = membersOf(header);
  if (typ !== type) return new TokenFault('typ', type, typ);
  if (alg !== 'ES256' && alg !== 'RS256') return new TokenFault('alg', 'ES256 or RS256', alg);
  if (!kids.includes(kid as string)) return new TokenFault('kid', kids, kid);
  return new TokenFault('header', 'alg, typ and kid as the issuer writes them', 'another form');
}

/** Returns the members of an unverified header; an empty object where it is no JSON object. */
function membersOf(header: string): Record<string, unknown> {
  try {
    return { ...(JSON.parse(Buffer.from(header, 'base64url').toString()) as object | null) };
  } catch {
    return {};
  }
}

function isStrongEnough(key: KeyObject, alg: Algorithm): boolean {
  const { namedCurve, modulusLength } = key.asymmetricKeyDetails ?? {};
  return alg === 'ES256' ? namedCurve === 'prime256v1' : (modulusLength ?? 0) >= MIN_RSA_BITS;
}

/** Reads one member of `keys`; null where it is no key that signs our tokens (RFC 7517 5: such members are ignored). */
function verificationKeyOf(jwk: unknown, known: readonly VerificationKey[]): VerificationKey | null {
  if (typeof jwk !== 'object' || jwk === null) return null;
  const { kty, crv, x, y, n, e, kid, alg, use } = jwk as Record<string, unknown>;
  const fits = (kty === 'EC' && crv === 'P-256' && alg === 'ES256') || (kty === 'RSA' && alg === 'RS256');
  if (!fits || use !== 'sig' || typeof kid !== 'string' || kid === '') return null;
  const parameters: Record<string, unknown> = kty === 'EC' ? { kty, crv, x, y } : { kty, n, e };
  const source = JSON.stringify([kid, parameters]);
  const same = known.find((key) => key.source === source);
  if (same) return same;
  try {
    const key = createPublicKey({ key: parameters, format: 'jwk' });
    return isStrongEnough(key, alg) ? { kid, alg, key, source } : null;
  } catch {
    return null;
  }
}

/** The keys of a JWKS that can sign, found by the header that they mint. Immutable. */
export class KeySet {
  private readonly byHeader: ReadonlyMap<JwsType, ReadonlyMap<string, VerificationKey>>;
  private readonly byKid: ReadonlyMap<string, VerificationKey>;

  constructor(keys: readonly VerificationKey[]) {
    const byKid = new Map<string, VerificationKey>();
    // Of keys with the same `kid` the first one counts.
    for (const key of keys) if (!byKid.has(key.kid)) byKid.set(key.kid, key);
    this.byKid = byKid;
    const headers = (type: JwsType) =>
      new Map([...byKid.values()].map((key) => [encodedHeader(type, key), key] as const));
    this.byHeader = new Map(JWS_TYPES.map((type) => [type, headers(type)]));
  }

  /**
   * Reads a JSON Web Key Set (RFC 7517 5); keys that `previous` has stay the same objects. Throws where no key can be
   * used.
   */
  static of(document: unknown, previous: KeySet = EMPTY): KeySet {
    const members = (document as { keys?: unknown } | null)?.keys;
    if (!Array.isArray(members)) throw new Error('The JWKS has no "keys"');
    const known = [...previous.byKid.values()];
    const keys = members.map((jwk) => verificationKeyOf(jwk, known)).filter((key) => key !== null);
    if (keys.length === 0) throw new Error('The JWKS has no P-256 or RSA key that signs');
    return new KeySet(keys);
  }

  /** Returns the key that mints exactly this header segment for this type; there is no other way to name a key. */
  find(type: JwsType, header: string): VerificationKey | undefined {
    return this.byHeader.get(type)?.get(header);
  }

  has(key: VerificationKey): boolean {
    return this.byKid.get(key.kid) === key;
  }

  get kids(): string[] {
    return [...this.byKid.keys()];
  }
}

const EMPTY = new KeySet([]);
