import { domainToASCII } from 'node:url';

const MAX_LENGTH = 254; // RFC 5321 4.5.3.1.3, less the angle brackets
const MAX_LOCAL_LENGTH = 64; // RFC 5321 4.5.3.1.1
// An atom by RFC 5322 3.2.3, widened to letters and digits of all scripts (RFC 6531 3.3); quoted local parts are refused.
const LOCAL_PART = /^[\p{L}\p{N}\p{M}!#$%&'*+/=?^_`{|}~-]+(\.[\p{L}\p{N}\p{M}!#$%&'*+/=?^_`{|}~-]+)*$/u;
const DOMAIN = /^(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]$/;

// `domainToASCII` parses a URL's host: it would cut at `/ ? #`, skip tabs and line ends, decode `%` and drop invisible
// characters.
const UNICODE_DOMAIN = /^(?:[a-zA-Z0-9.-]|[^\p{ASCII}\p{Cc}\p{Z}\p{Default_Ignorable_Code_Point}])+$/u;

/**
 * Splits an address in NFKC into its local part and its domain in ASCII (IDNA). Returns null for a text that is no
 * address.
 */
function partsOf(raw: string, transform: (text: string) => string): { local: string; domain: string } | null {
  if (raw.length > MAX_LENGTH || !raw.isWellFormed()) return null;
  const text = transform(raw.normalize('NFKC'));
  const at = text.lastIndexOf('@');
  const local = text.slice(0, Math.max(at, 0)).normalize('NFKC');
  const unicodeDomain = text.slice(at + 1);
  if (!UNICODE_DOMAIN.test(unicodeDomain)) return null;
  const domain = domainToASCII(unicodeDomain);
  if (Buffer.byteLength(local) > MAX_LOCAL_LENGTH || !LOCAL_PART.test(local) || !DOMAIN.test(domain)) return null;
  return Buffer.byteLength(`${local}@${domain}`) > MAX_LENGTH ? null : { local, domain };
}

/**
 * Returns the form of an address that versions before case folding compare: NFKC, lower case, the domain in ASCII.
 * Returns null for a text that is no address.
 */
export function lowerCaseEmail(raw: string): string | null {
  const parts = partsOf(raw, (text) => text.toLowerCase());
  return parts && `${parts.local}@${parts.domain}`;
}

/**
 * Returns the form in which two spellings of one address are equal: the local part in full case folding (Unicode D147),
 * the domain as IDNA maps it. Returns null for a text that is no address.
 */
export function canonicalEmail(raw: string): string | null {
  // The lower case form decides whether a text is an address: folding makes some texts longer, and must not refuse any.
  const parts = lowerCaseEmail(raw) !== null ? partsOf(raw, (text) => text) : null;
  return parts && `${foldCase(parts.local)}@${parts.domain}`;
}

/**
 * Returns the form that mail is sent to: the local part as its owner writes it, in NFKC, the domain in ASCII. Null for anything
 * that is not an address. The result names one mailbox: it has no quotation, comment, group, blank or line end.
 */
export function deliveryAddress(raw: string): string | null {
  const parts = lowerCaseEmail(raw) !== null ? partsOf(raw, (text) => text) : null;
  return parts && `${parts.local}@${parts.domain}`;
}

/** Applies full case folding to a text, and NFKC: texts that differ only in letter case become equal (Unicode D147). */
export function foldCase(text: string): string {
  if (ASCII.test(text)) return text.toLowerCase();
  // NFKD makes letters that have not been folded, so the text is folded a second time.
  return foldOnce(foldOnce(text.normalize('NFD')).normalize('NFKD')).normalize('NFKC');
}

const ASCII = /^\p{ASCII}*$/u;

// Letter by letter, because `toLowerCase` of a whole text writes a final sigma. Lower after upper case differs from
// CaseFolding.txt (C and F) in two letters: the capital sharp s is its own upper case, and the dotless i has no upper
// case of its own.
const foldOnce = (text: string): string =>
  Array.from(text, (letter) => (letter === '\u0131' ? letter : letter.toLowerCase().toUpperCase().toLowerCase())).join(
    '',
  );
