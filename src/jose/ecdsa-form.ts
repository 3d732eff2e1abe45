// OpenSSL writes an ECDSA signature in DER (RFC 3279 2.2.3), a JWS holds R followed by S (RFC 7518 3.4). Node converts
// between the two (`dsaEncoding`), but asks OpenSSL for the size of the curve each time, which costs more than signing.

/** Bytes of a coordinate of P-256. */
const SIZE = 32;
const SEQUENCE = 0x30;
const INTEGER = 0x02;

/** Converts R and S of P-256 to DER; null where their length is wrong. OpenSSL checks whether they are in range. */
export function derOfEcdsa(signature: Buffer): Buffer | null {
  if (signature.length !== 2 * SIZE) return null;
  const integers = Buffer.concat([integerOf(signature.subarray(0, SIZE)), integerOf(signature.subarray(SIZE))]);
  return Buffer.concat([Buffer.of(SEQUENCE, integers.length), integers]);
}

/** Returns R and S of P-256 from a signature that OpenSSL has just made. */
export function ecdsaOfDer(der: Buffer): Buffer {
  const signature = Buffer.alloc(2 * SIZE);
  // The sequence begins with two bytes, and so does each integer.
  let start = 2;
  for (const end of [SIZE, 2 * SIZE]) {
    const length = der[start + 1]!;
    const integer = der.subarray(start + 2, start + 2 + length);
    // A zero before the high bit is not part of the number.
    const digits = integer.subarray(Math.max(0, length - SIZE));
    digits.copy(signature, end - digits.length);
    start += 2 + length;
  }
  return signature;
}

/** Returns an unsigned number as DER has it: without zeros before it, but for one before a high bit. */
function integerOf(digits: Buffer): Buffer {
  let first = 0;
  while (first < digits.length - 1 && digits[first] === 0) first++;
  const number = digits.subarray(first);
  const sign = number[0]! & 0x80 ? [0] : [];
  return Buffer.concat([Buffer.of(INTEGER, number.length + sign.length, ...sign), number]);
}
