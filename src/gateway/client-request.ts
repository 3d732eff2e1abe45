import type { IncomingHttpHeaders } from 'node:http';
import { AppError } from '../common/errors.js';

/** The client's request that a gateway asks about, as far as we know it. */
export interface ClientRequest {
  readonly method: string;
  /** Whether this is certainly the client's method, and not the one that a gateway uses for all its requests. */
  readonly isMethodCertain?: boolean;
  /** Path and query; null where the gateway does not name them. */
  readonly uri: string | null;
  /** Absent or null where the gateway does not name them. */
  readonly scheme?: string | null;
  readonly authority?: string | null;
  readonly headers: IncomingHttpHeaders;
  /** Absent where it is unknown. */
  readonly address?: () => string;
}

/**
 * Reads the client's request. Most gateways use GET and name the client's request in `X-Forwarded-Method` and
 * `X-Forwarded-Uri`, the others repeat its method. Forwarded values count only from a trusted proxy.
 */
export function clientRequestOf(
  method: string,
  headers: IncomingHttpHeaders,
  trusted: boolean,
  address?: () => string,
): ClientRequest {
  const forwarded = (name: string): string | null => {
    const value = trusted ? headers[name] : undefined;
    return typeof value === 'string' ? value : null;
  };
  const named = forwarded('x-forwarded-method');
  const own = (method === 'GET' && named) || method;
  return {
    method: own,
    // A gateway that uses HEAD may do so for all its requests, too.
    isMethodCertain: own === named || (method !== 'GET' && method !== 'HEAD'),
    uri: forwarded('x-forwarded-uri'),
    scheme: forwarded('x-forwarded-proto'),
    authority: forwarded('x-forwarded-host'),
    headers,
    ...(address && { address }),
  };
}

const AUTHORITY = /^(?:[a-z\d.-]+|\[[\da-f:.]+\])(?::\d{1,5})?$/i;

/**
 * Returns the URL that the client requested, which its DPoP proof names. Throws `no_verdict` where the gateway does not
 * state it.
 */
export function clientUrlOf({ scheme, authority, uri }: ClientRequest): string {
  const isNamed = (scheme === 'http' || scheme === 'https') && AUTHORITY.test(authority ?? '') && uri?.startsWith('/');
  if (isNamed) return `${scheme}://${authority}${uri}`;
  const detail = 'a DPoP proof needs X-Forwarded-Proto, -Host and -Uri from a gateway in TRUSTED_PROXIES';
  throw new AppError('no_verdict', { detail });
}

/** Tells whether a request is a CORS preflight (Fetch 3.2.2), which browsers send without credentials. */
export const isPreflight = ({ method, headers }: ClientRequest): boolean =>
  method === 'OPTIONS' && Boolean(headers.origin) && Boolean(headers['access-control-request-method']);

/** Tells whether a browser opens a page. Only such a request can follow a redirect to the sign-in page. */
export const isNavigation = ({ method, headers }: ClientRequest): boolean =>
  (method === 'GET' || method === 'HEAD') &&
  (headers['sec-fetch-mode'] ?? 'navigate') === 'navigate' &&
  /\btext\/html\b/i.test(headers.accept ?? '');

// Printable ASCII without backslashes, and without two slashes in a row before the query, so that no browser finds
// another host in it.
const PATH_AND_QUERY = /^(?=\/)(?:\/[!"$-.0->@-[\]-~]+)*\/?(?:\?[!"$-[\]-~]*)?$/;
const MAX_LENGTH = 2_000;

/**
 * Returns the URL of the sign-in page. Its parameter `return_to` is the path to return to, only where it cannot lead to
 * another host.
 */
export function signInLocation(signInUrl: string, { uri }: ClientRequest): string {
  const url = new URL(signInUrl);
  if (uri && uri.length <= MAX_LENGTH && PATH_AND_QUERY.test(uri)) url.searchParams.set('return_to', uri);
  return url.href;
}
