import { domainToASCII } from 'node:url';

const MAX_LENGTH = 254; // RFC 5321 4.5.3.1.3, less the angle brackets
const MAX_LOCAL_LENGTH = 64; // RFC 5321 4.5.3.1.1
// An atom by RFC 5322 3.2.3, widened to letters and digits of all scripts (RFC 6531 3.3); quoted local parts are refused.
const LOCAL_PART = /^[\p{L}\p{N}\p{M}!#$%&'*+/=?^_`{|}~-]+(\.[\p{L}\p{N}\p{M}!#$%&'*+/=?^_`{|}~-]+)*$/u;
const DOMAIN = /^(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]$/;

// `domainToASCII` reads a URL's host: it would cut at `/ ? #`, skip tabs and line ends, decode `%` and drop what is invisible.
const UNICODE_DOMAIN = /^(?:[a-z0-9.-]|[^\p{ASCII}\p{Cc}\p{Z}\p{Default_Ignorable_Code_Point}])+$/u;

/**
 * The form in which two spellings of one address are equal: NFKC, lower case, the domain in ASCII (IDNA).
 * Null for anything that is not an address.
 */
export function canonicalEmail(raw: string): string | null {
  if (raw.length > MAX_LENGTH || !raw.isWellFormed()) return null;
  const text = raw.normalize('NFKC').toLowerCase();
  const at = text.lastIndexOf('@');
  const local = text.slice(0, Math.max(at, 0)).normalize('NFKC');
  const unicodeDomain = text.slice(at + 1);
  if (!UNICODE_DOMAIN.test(unicodeDomain)) return null;
  const domain = domainToASCII(unicodeDomain);
  if (Buffer.byteLength(local) > MAX_LOCAL_LENGTH || !LOCAL_PART.test(local) || !DOMAIN.test(domain)) return null;
  const canonical = `${local}@${domain}`;
  return Buffer.byteLength(canonical) > MAX_LENGTH ? null : canonical;
}
