import type { IncomingHttpHeaders } from 'node:http';

/** What speaks against a request: where it comes from, or what it brings. */
export type CrossSiteFault = 'origin' | 'content_type';

/** RFC 9110 9.2.1. Nothing of ours changes by one of these. */
const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS']);
const JSON_TYPE = /^application\/(?:[\w.-]+\+)?json\s*(?:;|$)/i;

/**
 * Whether a page of somebody else may have made a browser send this request, along with a cookie or to get one; null
 * where none can have. `method` is null where nobody knows it. `isPageOfOurs` knows the origins whose pages act for the user.
 *
 * `Sec-Fetch-Site` is the browser's own word, which no script writes (Fetch Metadata 2.3); `Origin` is what older
 * browsers have (RFC 6454 7.3). A browser that sends neither is not believed.
 */
export function crossSiteFaultOf(
  method: string | null,
  headers: IncomingHttpHeaders,
  isPageOfOurs: (origin: string) => boolean,
): CrossSiteFault | null {
  if (method !== null && SAFE_METHODS.has(method) && !opensSocket(headers)) return null;
  const site = headers['sec-fetch-site'];
  // `none`: the user themselves, by the address bar or a bookmark, which cannot be but a GET.
  const isOurs = site === 'same-origin' || (site === 'none' && method === null);
  const { origin } = headers;
  if (!isOurs && (origin === undefined || !isPageOfOurs(origin))) return 'origin';
  return bringsOther(headers) ? 'content_type' : null;
}

/** A form sends anything but JSON, and so does a script without a preflight: even a body without a type (Fetch 2.2.2). */
function bringsOther(headers: IncomingHttpHeaders): boolean {
  const type = headers['content-type'];
  if (type !== undefined) return !JSON_TYPE.test(type);
  const length = headers['content-length'];
  return headers['transfer-encoding'] !== undefined || (length !== undefined && length !== '0');
}

/** A handshake is a GET, but what it opens can do anything, and CORS does not keep a foreign page from it (RFC 6455 10.2). */
const opensSocket = (headers: IncomingHttpHeaders): boolean =>
  headers.upgrade !== undefined ||
  headers['sec-websocket-key'] !== undefined ||
  headers['sec-fetch-mode'] === 'websocket';
