import { randomBytes } from 'node:crypto';

/**
 * Returns a version 7 UUID (RFC 9562 5.7): 48 bits of milliseconds, 74 random bits. A counter takes the place of the first
 * 12 of these, so that UUIDs of one millisecond are in order (RFC 9562 6.2).
 */
export function uuidv7(now: number, counter?: number): string {
  const bytes = randomBytes(16);
  if (counter !== undefined) bytes.writeUInt16BE(counter & 0xfff, 6);
  bytes.writeUIntBE(now, 0, 6);
  bytes[6] = 0x70 | (bytes[6]! & 0x0f);
  bytes[8] = 0x80 | (bytes[8]! & 0x3f);
  return uuidOf(bytes);
}

/** Returns when a version 7 UUID was made, in milliseconds since the epoch. */
export const timeOfUuidv7 = (uuid: string): number => uuidBytes(uuid).readUIntBE(0, 6);

/** A UUID as PostgreSQL and {@link uuidOf} write it, in lower case. */
export const CANONICAL_UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Tells whether a text has the form of a UUID, in lower or upper case (RFC 9562 4). */
export const isUuid = (text: string): boolean => CANONICAL_UUID.test(text.toLowerCase());

/** The UUID that sorts before every other (RFC 9562 5.9). */
export const NIL_UUID = '00000000-0000-0000-0000-000000000000';

/** Returns the 16 bytes of a UUID in its text form. */
export function uuidOf(bytes: Buffer): string {
  const hex = bytes.toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

export const uuidBytes = (uuid: string): Buffer => Buffer.from(uuid.replaceAll('-', ''), 'hex');

/** Returns a UUID as 22 characters of base64url: the form in which session ids travel. */
export const shortUuid = (uuid: string): string => uuidBytes(uuid).toString('base64url');

/** Returns the UUID of a result of {@link shortUuid}; null for any other text. */
export function parseShortUuid(short: string): string | null {
  if (!/^[\w-]{21}[AQgw]$/.test(short)) return null;
  return uuidOf(Buffer.from(short, 'base64url'));
}
