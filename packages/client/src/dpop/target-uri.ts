// A URI is ASCII, and a backslash is no part of it: what a parser would mend is refused. No user, whom no target names.
const PLAIN = /^https?:\/\/[!"$-.0->A-[\]-~]+(?:[/?#][!-[\]-~]*)?$/i;
const ENCODED = /%[\da-f]{2}/gi;
const UNRESERVED = /[\w.~-]/;

/** RFC 3986 6.2.2.1 and 6.2.2.2: what needs no encoding has none, and the rest is in capitals. */
function plainest(encoded: string): string {
  const character = String.fromCharCode(Number.parseInt(encoded.slice(1), 16));
  return UNRESERVED.test(character) ? character : encoded.toUpperCase();
}

/**
 * A target URI without query and fragment, as RFC 9449 4.3 compares `htu`: normalised by syntax and scheme
 * (RFC 3986 6.2.2, 6.2.3). Null for what is no absolute http or https URI.
 */
export function targetUriOf(uri: string): string | null {
  if (!PLAIN.test(uri)) return null;
  // The parser writes scheme and host in lower case, and leaves out the default port and dot segments.
  const plain = uri.replace(/[?#].*$/, '').replaceAll(ENCODED, plainest);
  if (!URL.canParse(plain)) return null;
  const { origin, pathname } = new URL(plain);
  return origin + pathname;
}
