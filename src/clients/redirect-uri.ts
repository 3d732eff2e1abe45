import type { ApplicationType } from './client.entity.js';

export const MAX_REDIRECT_URI_LENGTH = 2000;

/** The characters of a URI (RFC 3986 2), without those that parsers read in different ways. */
const CHARACTERS = /^[\w.~:/?[\]@!$&'()+,;=%-]+$/;
/** A private-use scheme is a domain name in reverse order (RFC 8252 7.1), so that `javascript:` is none. */
const PRIVATE_USE = /^[a-z][a-z0-9-]*(?:\.[a-z0-9-]+)+:\/(?!\/)/;
/** RFC 8252 7.3: the loopback address, not its name. */
const LOOPBACK = /^http:\/\/(127\.0\.0\.1|\[::1\])(?::(\d{1,5}))?(\/.*)?$/;
const LOCAL_HOSTS = new Set(['localhost', '127.0.0.1', '[::1]']);

/** Returns the fault of a URI that an application registers for answers; null where there is none. */
export function faultOfRedirectUri(uri: string, type: ApplicationType): string | null {
  if (!CHARACTERS.test(uri)) return 'must consist of characters of a URI, without a fragment, `*` and spaces';
  if (type === 'native' && PRIVATE_USE.test(uri)) return null;
  const url = URL.parse(uri);
  const isHttp = url?.protocol === 'http:';
  if (!url || (!isHttp && url.protocol !== 'https:')) {
    return type === 'native'
      ? 'must be an https URL, a loopback address, or a private-use scheme such as com.example.app:/callback'
      : 'must be an https URL';
  }
  if (isHttp && !LOCAL_HOSTS.has(url.hostname)) return 'must be an https URL, unless it is of this machine';
  if (url.username || url.password) return 'must have no credentials';
  // The URI is compared as text, so it is registered in the one form that browsers send.
  if (url.href !== uri && url.href !== `${uri}/`) return `must be in its normal form: ${url.href}`;
  return null;
}

/**
 * Tells whether a URI is one of those that are registered, exactly (RFC 9700 4.1.3). The port of a native application on
 * the loopback interface may differ (RFC 8252 7.3).
 */
export const isRegistered = (uri: string, registered: readonly string[], type: ApplicationType): boolean =>
  registered.includes(uri) || (type === 'native' && registered.some((one) => isSameLoopback(one, uri)));

function isSameLoopback(registered: string, uri: string): boolean {
  const [expected, found] = [LOOPBACK.exec(registered), LOOPBACK.exec(uri)];
  if (!expected || !found || Number(found[2] ?? 80) > 65_535) return false;
  return expected[1] === found[1] && expected[3] === found[3];
}

/**
 * Returns the source of a URI for the directive `form-action` of a page that leads to it: its origin, or its scheme where
 * it has no origin.
 */
export function formActionOf(uri: string): string {
  const { origin, protocol } = new URL(uri);
  return origin === 'null' ? protocol : origin;
}
