import { isUtf8 } from 'node:buffer';
import { sign, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';
import type { CompactJws } from './form-gate.js';
import { isSignature, signatureOf, type SignatureAlgorithm, type SigningAlgorithm } from './signature.js';

const signAside = promisify(sign);

/** A JSON object that somebody has sent. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** A private key, or a secret, with what the header says of it. */
export interface JwsSigner {
  readonly key: { readonly alg: SigningAlgorithm; readonly kid: string };
  readonly signingKey: KeyObject;
}

const encode = (content: string | Buffer): string => Buffer.from(content).toString('base64url');

/** A JSON object in base64url; null for everything else. A name that stands twice is the last of them (RFC 7519 4). */
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

/** Whether a key has signed a JWS, by this algorithm. */
export const isSignedBy = (
  { signingInput, signature }: Pick<CompactJws, 'signingInput' | 'signature'>,
  algorithm: SignatureAlgorithm | SigningAlgorithm,
  key: KeyObject,
): boolean => isSignature(algorithm, signingInput, key, Buffer.from(signature, 'base64url'));

/** The header that this service writes, as the first segment of a JWS. `typ` says what it is. */
export const encodedHeaderOf = (typ: string, { alg, kid }: JwsSigner['key']): string =>
  encode(JSON.stringify({ alg, typ, kid }));

/** A JWS in compact serialisation (RFC 7515 7.1) of any bytes, by the key that signs now. */
export function signJws(typ: string, payload: string | Buffer, { key, signingKey }: JwsSigner): string {
  const input = `${encodedHeaderOf(typ, key)}.${encode(payload)}`;
  return `${input}.${signatureOf(key.alg, input, signingKey).toString('base64url')}`;
}

/** The same by an RSA key, on another thread: a signature by one costs what twenty others do. */
export async function signJwsByRsa(typ: string, payload: string, { key, signingKey }: JwsSigner): Promise<string> {
  const input = `${encodedHeaderOf(typ, key)}.${encode(payload)}`;
  return `${input}.${(await signAside('sha256', Buffer.from(input), signingKey)).toString('base64url')}`;
}
