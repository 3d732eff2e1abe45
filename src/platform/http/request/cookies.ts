import type { IncomingHttpHeaders } from 'node:http';

/**
 * Returns all values that a request sends under the name of a cookie: a browser may have several of one name
 * (RFC 6265 5.4).
 */
export function cookieValuesOf({ headers }: { headers: IncomingHttpHeaders }, name: string): string[] {
  const values: string[] = [];
  for (const untrimmed of headers.cookie?.split(';') ?? []) {
    const pair = untrimmed.trim();
    if (pair.startsWith(name) && pair[name.length] === '=') values.push(pair.slice(name.length + 1));
  }
  return values;
}

/**
 * Returns the `Cookie` header without the cookies of this name; empty where nothing is left. Envoy may have joined
 * several headers with commas, so that the name seems to be part of another cookie's value.
 */
export function cookiesWithout({ headers }: { headers: IncomingHttpHeaders }, name: string): string {
  const start = `${name}=`;
  const hasIt = (pair: string) => pair.split(',').some((part) => part.trim().startsWith(start));
  const pairs = (headers.cookie ?? '').split(';').map((pair) => pair.trim());
  return pairs.filter((pair) => pair !== '' && !hasIt(pair)).join('; ');
}
