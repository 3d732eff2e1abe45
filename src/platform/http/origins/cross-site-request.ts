import type { IncomingHttpHeaders } from 'node:http';

/** The fault of a request: its origin, or the type of its body. */
export type CrossSiteFault = 'origin' | 'content_type';

/** Safe methods (RFC 9110 9.2.1). They change nothing here. */
const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS']);
const JSON_TYPE = /^application\/(?:[\w.-]+\+)?json\s*(?:;|$)/i;

/**
 * Tells whether a page of another origin may have made a browser send this request, with a cookie or to get one.
 * Returns the fault, or null. `method` is null where it is unknown. `isPageOfOurs` knows the origins whose pages act
 * for the user.
 *
 * The browser itself writes `Sec-Fetch-Site`, and no script can (Fetch Metadata 2.3). Older browsers send `Origin`
 * (RFC 6454 7.3). A browser that sends neither is refused.
 */
export function crossSiteFaultOf(
  method: string | null,
  headers: IncomingHttpHeaders,
  isPageOfOurs: (origin: string) => boolean,
): CrossSiteFault | null {
  if (method !== null && SAFE_METHODS.has(method) && !opensSocket(headers)) return null;
  const site = headers['sec-fetch-site'];
  // `none` is the user, by the address bar or a bookmark, which always sends a GET.
  const isOurs = site === 'same-origin' || (site === 'none' && method === null);
  const { origin } = headers;
  if (!isOurs && (origin === undefined || !isPageOfOurs(origin))) return 'origin';
  return bringsOther(headers) ? 'content_type' : null;
}

/**
 * Tells whether a request has a body that is not JSON. Forms and scripts without a preflight can send only such bodies,
 * also without a type (Fetch 2.2.2).
 */
function bringsOther(headers: IncomingHttpHeaders): boolean {
  const type = headers['content-type'];
  if (type !== undefined) return !JSON_TYPE.test(type);
  const length = headers['content-length'];
  return headers['transfer-encoding'] !== undefined || (length !== undefined && length !== '0');
}

/**
 * Tells whether a request opens a WebSocket. Its handshake is a GET, but the socket can do anything, and CORS does not
 * keep pages of other origins from it (RFC 6455 10.2).
 */
const opensSocket = (headers: IncomingHttpHeaders): boolean =>
  headers.upgrade !== undefined ||
  headers['sec-websocket-key'] !== undefined ||
  headers['sec-fetch-mode'] === 'websocket';
