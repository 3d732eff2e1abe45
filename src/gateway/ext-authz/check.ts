import { isIP } from 'node:net';
import { AppError } from '../../common/errors.js';
import { cookiesWithout } from '../../platform/http/request/cookies.js';
import { clientRequestOf, type ClientRequest } from '../client-request.js';

/** The request of Envoy, as in ext-authz.proto. Empty members count as missing. */
export interface CheckRequest {
  attributes?: {
    source?: { address?: { socketAddress?: { address?: string } } };
    request?: {
      http?: { method?: string; headers?: Record<string, string>; path?: string; host?: string; scheme?: string };
    };
    contextExtensions?: Record<string, string>;
  };
}

interface HeaderValueOption {
  header: { key: string; value: string };
  append: { value: false };
  appendAction: 'OVERWRITE_IF_EXISTS_OR_ADD';
}

export interface CheckResponse {
  status: { code: number };
  okResponse?: { headers: HeaderValueOption[]; headersToRemove: string[] };
  deniedResponse?: { status: { code: number }; headers: HeaderValueOption[]; body: string };
}

// google.rpc.Code
const OK = 0;
const PERMISSION_DENIED = 7;
const UNAUTHENTICATED = 16;

/** Headers that may occur once. Envoy joins repeated ones, and the service may read another value than we do. */
const SINGLE = ['authorization', 'dpop'];

/**
 * Reads the client's request from Envoy's own statements, not from the client's `X-Forwarded-…` headers. Throws
 * `no_verdict` where there is none, and `duplicate_header`.
 */
export function clientRequestIn({ attributes }: CheckRequest): ClientRequest {
  const { method, path, host, scheme, headers = {} } = attributes?.request?.http ?? {};
  if (!method || !path) throw new AppError('no_verdict', { detail: 'there is no HTTP request to judge' });
  if (SINGLE.some((name) => headers[name]?.includes(','))) throw new AppError('duplicate_header');
  const stated = {
    host,
    'x-forwarded-method': method,
    'x-forwarded-uri': path,
    'x-forwarded-host': host,
    'x-forwarded-proto': scheme,
  };
  const address = attributes?.source?.address?.socketAddress?.address ?? '';
  return clientRequestOf(method, { ...headers, ...stated }, true, isIP(address) ? () => address : undefined);
}

// Envoy writes names in lower case. Many frameworks do not distinguish these spellings.
const IDENTITY = /^x[-_.]auth[-_.]/;

/**
 * Admits a request with these headers in place of the client's, and removes similar names. It also removes the
 * session's cookie, which the service must not see.
 */
export function pass(
  headers: Record<string, string>,
  { headers: sent }: ClientRequest,
  sessionCookie: string,
): CheckResponse {
  const ours = new Set(Object.keys(headers).map((name) => name.toLowerCase()));
  const cookie = cookiesWithout({ headers: sent }, sessionCookie);
  const isForNobody = (name: string) => (IDENTITY.test(name) && !ours.has(name)) || (name === 'cookie' && !cookie);
  return {
    status: { code: OK },
    okResponse: {
      headers: overwriting(cookie && cookie !== sent.cookie ? { ...headers, Cookie: cookie } : headers),
      headersToRemove: Object.keys(sent).filter(isForNobody),
    },
  };
}

/** Refuses a request with this answer to the client. */
export function deny(status: number, headers: Record<string, string>, body = ''): CheckResponse {
  return {
    status: { code: status === 403 ? PERMISSION_DENIED : UNAUTHENTICATED },
    deniedResponse: { status: { code: status }, headers: overwriting(headers), body },
  };
}

const overwriting = (headers: Record<string, string>): HeaderValueOption[] =>
  Object.entries(headers).map(([key, value]) => ({
    header: { key, value },
    append: { value: false },
    appendAction: 'OVERWRITE_IF_EXISTS_OR_ADD',
  }));
