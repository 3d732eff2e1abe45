import type { IncomingHttpHeaders } from 'node:http';

/** Everything that a request sends under the name of a cookie: a browser may hold several of one name (RFC 6265 5.4). */
export function cookieValuesOf({ headers }: { headers: IncomingHttpHeaders }, name: string): string[] {
  const values: string[] = [];
  for (const untrimmed of headers.cookie?.split(';') ?? []) {
    const pair = untrimmed.trim();
    if (pair.startsWith(name) && pair[name.length] === '=') values.push(pair.slice(name.length + 1));
  }
  return values;
}

/**
 * The `Cookie` header without what is sent under this name; empty where nothing is left. Envoy may have joined several
 * headers with commas, as if the name came within the value of another cookie.
 */
export function cookiesWithout({ headers }: { headers: IncomingHttpHeaders }, name: string): string {
  const start = `${name}=`;
  const hasIt = (pair: string) => pair.split(',').some((part) => part.trim().startsWith(start));
  const pairs = (headers.cookie ?? '').split(';').map((pair) => pair.trim());
  return pairs.filter((pair) => pair !== '' && !hasIt(pair)).join('; ');
}
