import type { IncomingHttpHeaders } from 'node:http';
import { AppError } from '../common/errors.js';

/** The request that a gateway asks about, as far as we know it. */
export interface ClientRequest {
  readonly method: string;
  /** Whether that is the client's method for certain, and not the one by which a gateway asks about all of them. */
  readonly isMethodCertain?: boolean;
  /** Path and query; null where the gateway does not name them. */
  readonly uri: string | null;
  /** Absent or null where the gateway does not name them. */
  readonly scheme?: string | null;
  readonly authority?: string | null;
  readonly headers: IncomingHttpHeaders;
  /** Absent where nobody knows it. */
  readonly address?: () => string;
}

/**
 * Most gateways ask by GET and name the client's request in `X-Forwarded-Method` and `X-Forwarded-Uri`, the others
 * repeat its method. What is forwarded is believed only from a trusted proxy.
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
    // Who asks by HEAD may do so for everything, too.
    isMethodCertain: own === named || (method !== 'GET' && method !== 'HEAD'),
    uri: forwarded('x-forwarded-uri'),
    scheme: forwarded('x-forwarded-proto'),
    authority: forwarded('x-forwarded-host'),
    headers,
    ...(address && { address }),
  };
}

const AUTHORITY = /^(?:[a-z\d.-]+|\[[\da-f:.]+\])(?::\d{1,5})?$/i;

/** The URL that the client asked for, of which its DPoP proof speaks. Throws `no_verdict` where the gateway does not name it. */
export function clientUrlOf({ scheme, authority, uri }: ClientRequest): string {
  const isNamed = (scheme === 'http' || scheme === 'https') && AUTHORITY.test(authority ?? '') && uri?.startsWith('/');
  if (isNamed) return `${scheme}://${authority}${uri}`;
  const detail = 'a DPoP proof needs X-Forwarded-Proto, -Host and -Uri from a gateway in TRUSTED_PROXIES';
  throw new AppError('no_verdict', { detail });
}

/** A CORS preflight (Fetch 3.2.2), which browsers send without credentials. */
export const isPreflight = ({ method, headers }: ClientRequest): boolean =>
  method === 'OPTIONS' && Boolean(headers.origin) && Boolean(headers['access-control-request-method']);

/** A browser that opens a page, which alone can do something with a redirect to the sign-in page. */
export const isNavigation = ({ method, headers }: ClientRequest): boolean =>
  (method === 'GET' || method === 'HEAD') &&
  (headers['sec-fetch-mode'] ?? 'navigate') === 'navigate' &&
  /\btext\/html\b/i.test(headers.accept ?? '');

// Printable ASCII but a backslash, and no two slashes in a row before the query: no browser reads another host out of it.
const PATH_AND_QUERY = /^(?=\/)(?:\/[!"$-.0->@-[\]-~]+)*\/?(?:\?[!"$-[\]-~]*)?$/;
const MAX_LENGTH = 2_000;

/** The sign-in page, told as `return_to` where to go afterwards: a path, and only one that leads nowhere else. */
export function signInLocation(signInUrl: string, { uri }: ClientRequest): string {
  const url = new URL(signInUrl);
  if (uri && uri.length <= MAX_LENGTH && PATH_AND_QUERY.test(uri)) url.searchParams.set('return_to', uri);
  return url.href;
}
