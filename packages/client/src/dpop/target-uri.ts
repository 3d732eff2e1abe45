// A URI is ASCII without a backslash: a text that a parser would correct is refused. A target URI has no user name.
const PLAIN = /^https?:\/\/[!"$-.0->A-[\]-~]+(?:[/?#][!-[\]-~]*)?$/i;
const ENCODED = /%[\da-f]{2}/gi;
const UNRESERVED = /[\w.~-]/;

/**
 * Normalises percent-encoding (RFC 3986 6.2.2.1, 6.2.2.2): decodes characters that need none, and writes the rest in
 * capitals.
 */
function plainest(encoded: string): string {
  const character = String.fromCharCode(Number.parseInt(encoded.slice(1), 16));
  return UNRESERVED.test(character) ? character : encoded.toUpperCase();
}

/**
 * Returns a target URI without query and fragment in the form in which RFC 9449 4.3 compares `htu`: normalised by
 * syntax and scheme (RFC 3986 6.2.2, 6.2.3). Null for a text that is no absolute http or https URI.
 */
export function targetUriOf(uri: string): string | null {
  if (!PLAIN.test(uri)) return null;
  // The parser writes scheme and host in lower case, and leaves out the default port and dot segments.
  const plain = uri.replace(/[?#].*$/, '').replaceAll(ENCODED, plainest);
  if (!URL.canParse(plain)) return null;
  const { origin, pathname } = new URL(plain);
  return origin + pathname;
}
