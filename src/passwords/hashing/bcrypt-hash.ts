import { verifySync } from '@node-rs/bcrypt';
import type { StoredHash } from './stored-hash.js';

// Every step doubles the work: 16 takes about as long as the dearest hash that the other formats allow.
const COST = { min: 4, max: 16 } as const;

// Modular crypt format: 16 bytes of salt in 22 characters, 23 bytes of digest in 31; the spare bits of each last
// character are zero. $2a$, $2b$ and $2y$ name one algorithm and differ in bugs fixed long ago; $2x$ is the broken one.
const FORMAT = /^\$2[aby]\$(\d\d)\$[./A-Za-z0-9]{21}[.Oeu][./A-Za-z0-9]{30}[.CGKOSWaeimquy26]$/;

/**
 * Reads a bcrypt string in modular crypt format; null where it is malformed or dearer than this service will compute.
 * Bcrypt itself sees the first 72 bytes of a password only: a longer one verifies as it did in the system it came from.
 * A NUL is a byte like any other, so what follows it counts.
 */
export function parseBcrypt(text: string): StoredHash | null {
  const match = FORMAT.exec(text);
  const cost = Number(match?.[1]);
  if (!(cost >= COST.min && cost <= COST.max)) return null;
  return { verify: (password) => verifySync(password, text) };
}
