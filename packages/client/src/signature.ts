import { verify } from 'node:crypto';
import type { VerificationKey } from './jwks.js';

/** Bytes of r, and of s, on P-256. */
const SCALAR = 32;
const ASN1_SEQUENCE = 0x30;
const ASN1_INTEGER = 0x02;

/**
 * Converts a signature from the form of JWS, r followed by s (RFC 7518 3.4), to ASN.1 (RFC 3279 2.2.3). `verify` has an
 * option for that form, but on Node 24 any option beside the key costs a fifth of its time.
 */
function asn1Of(signature: Buffer): Buffer {
  const der = Buffer.allocUnsafe(2 * SCALAR + 8);
  let end = 2;
  for (const start of [0, SCALAR]) {
    let first = start;
    while (first < start + SCALAR - 1 && signature[first] === 0) first++;
    // An integer whose first bit is set would be negative.
    const sign = signature[first]! < 0x80 ? 0 : 1;
    der[end++] = ASN1_INTEGER;
    der[end++] = start + SCALAR - first + sign;
    if (sign === 1) der[end++] = 0;
    end += signature.copy(der, end, first, start + SCALAR);
  }
  der[0] = ASN1_SEQUENCE;
  der[1] = end - 2;
  return der.subarray(0, end);
}

/**
 * Tells whether the key has signed the input. It is synchronous on purpose: that takes less time than the way to
 * another thread and back, and does not wait there behind other work.
 */
export function isSignedBy({ key, alg }: VerificationKey, signingInput: string, signature: string): boolean {
  const bytes = Buffer.from(signature, 'base64url');
  if (alg === 'ES256' && bytes.length !== 2 * SCALAR) return false;
  try {
    return verify('sha256', Buffer.from(signingInput, 'latin1'), key, alg === 'ES256' ? asn1Of(bytes) : bytes);
  } catch {
    return false;
  }
}
