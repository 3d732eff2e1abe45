import type { IncomingHttpHeaders } from 'node:http';

/** Everything that a request sends under the name of a cookie: a browser may hold several of one name (RFC 6265 5.4). */
export function cookieValuesOf({ headers }: { headers: IncomingHttpHeaders }, name: string): string[] {
  const { cookie } = headers;
  if (cookie === undefined) return [];
  const start = `${name}=`;
  const pairs = cookie.split(';').map((pair) => pair.trim());
  return pairs.filter((pair) => pair.startsWith(start)).map((pair) => pair.slice(start.length));
}
