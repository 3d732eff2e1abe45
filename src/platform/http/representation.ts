import { createHash } from 'node:crypto';

/** A strong entity tag of a body (RFC 9110 8.8.3). */
export const entityTagOf = (body: string | Buffer): string =>
  `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`;

const list = (header: string | undefined): string[] => header?.split(',').map((item) => item.trim()) ?? [];

/** Whether `If-None-Match` names an entity tag: a list, compared weakly, or `*` (RFC 9110 13.1.2). */
export function matchesEntityTag(ifNoneMatch: string | undefined, etag: string): boolean {
  return list(ifNoneMatch).some((tag) => tag === '*' || tag.replace(/^W\//, '') === etag);
}

/** Whether `Accept-Encoding` admits gzip, by name or by `*`, with a weight above zero (RFC 9110 12.5.3). */
export function acceptsGzip(acceptEncoding: string | undefined): boolean {
  const weights = new Map(
    list(acceptEncoding).map((item) => {
      const [coding = '', ...parameters] = item.toLowerCase().split(/\s*;\s*/);
      const weight = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2) ?? '1';
      return [coding, Number(weight)];
    }),
  );
  return (weights.get('gzip') ?? weights.get('*') ?? 0) > 0;
}
