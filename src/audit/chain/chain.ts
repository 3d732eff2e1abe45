import { createHash } from 'node:crypto';

/** The hash before the first event. */
export const ORIGIN = Buffer.alloc(32);

/** A link of the chain: the number of an event, and the hash over all events up to it. */
export interface Link {
  readonly seq: number;
  readonly hash: Buffer;
}

export const START: Link = { seq: 0, hash: ORIGIN };

/**
 * Returns the link of the event behind `previous`: SHA-256 over the hash before, the number in 8 bytes, and the content
 * as PostgreSQL writes it.
 */
export function linkAfter(previous: Link, content: string): Link {
  const seq = previous.seq + 1;
  return { seq, hash: hashOf(previous.hash, seq, content) };
}

export function hashOf(previous: Buffer, seq: number, content: string): Buffer {
  const number = Buffer.alloc(8);
  number.writeBigUInt64BE(BigInt(seq));
  return createHash('sha256').update(previous).update(number).update(content).digest();
}
