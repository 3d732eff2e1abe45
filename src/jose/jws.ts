import { isUtf8 } from 'node:buffer';
import { sign, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';
import type { CompactJws } from './form-gate.js';
import { isSignature, signatureOf, type SignatureAlgorithm, type SigningAlgorithm } from './signature.js';

const signAside = promisify(sign);

/** A JSON object from outside. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** A private key or a secret, with the header members that name it. */
export interface JwsSigner {
  readonly key: { readonly alg: SigningAlgorithm; readonly kid: string };
  readonly signingKey: KeyObject;
}

const encode = (content: string | Buffer): string => Buffer.from(content).toString('base64url');

/**
 * Decodes a JSON object in base64url; null for every other text. Of members with the same name the last one counts
 * (RFC 7519 4).
 */
export function jsonObjectOf(segment: string): JsonObject | null {
  const bytes = Buffer.from(segment, 'base64url');
  if (!isUtf8(bytes)) return null;
  try {
    const value: unknown = JSON.parse(bytes.toString());
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : null;
  } catch {
    return null;
  }
}

/** Tells whether a key has signed a JWS, by this algorithm. */
export const isSignedBy = (
  { signingInput, signature }: Pick<CompactJws, 'signingInput' | 'signature'>,
  algorithm: SignatureAlgorithm | SigningAlgorithm,
  key: KeyObject,
): boolean => isSignature(algorithm, signingInput, key, Buffer.from(signature, 'base64url'));

/** Encodes the header that this service writes, the first segment of a JWS. `typ` is the type of the JWS. */
export const encodedHeaderOf = (typ: string, { alg, kid }: JwsSigner['key']): string =>
  encode(JSON.stringify({ alg, typ, kid }));

/** Signs any bytes as a JWS in compact serialisation (RFC 7515 7.1), by the key that signs now. */
export function signJws(typ: string, payload: string | Buffer, { key, signingKey }: JwsSigner): string {
  const input = `${encodedHeaderOf(typ, key)}.${encode(payload)}`;
  return `${input}.${signatureOf(key.alg, input, signingKey).toString('base64url')}`;
}

/** Signs likewise with an RSA key, on another thread: one such signature costs as much as twenty others. */
export async function signJwsByRsa(typ: string, payload: string, { key, signingKey }: JwsSigner): Promise<string> {
  const input = `${encodedHeaderOf(typ, key)}.${encode(payload)}`;
  return `${input}.${(await signAside('sha256', Buffer.from(input), signingKey)).toString('base64url')}`;
}
