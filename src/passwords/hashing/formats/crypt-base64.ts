const ALPHABET = './0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** Returns the number of a character in the alphabet of crypt(3); -1 for any other character. */
export const cryptNumber = (character: string): number => ALPHABET.indexOf(character);

/**
 * Encodes bytes in the base64 of crypt(3): with its own alphabet, and the lowest six bits of each group of three bytes
 * first.
 */
export function cryptBase64(bytes: readonly number[] | Buffer): string {
  let text = '';
  for (let i = 0; i < bytes.length; i += 3) {
    const group = bytes.slice(i, i + 3);
    const value = group[0]! | ((group[1] ?? 0) << 8) | ((group[2] ?? 0) << 16);
    for (let digit = 0; digit <= group.length; digit++) text += ALPHABET.charAt((value >> (6 * digit)) & 0x3f);
  }
  return text;
}
