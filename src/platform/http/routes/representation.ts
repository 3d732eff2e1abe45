import { createHash } from 'node:crypto';

/** Returns a strong entity tag of a body (RFC 9110 8.8.3). */
export const entityTagOf = (body: string | Buffer): string =>
  `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`;

const list = (header: string | undefined): string[] => header?.split(',').map((item) => item.trim()) ?? [];

/** Tells whether `If-None-Match` names an entity tag: a list, compared weakly, or `*` (RFC 9110 13.1.2). */
export function matchesEntityTag(ifNoneMatch: string | undefined, etag: string): boolean {
  return list(ifNoneMatch).some((tag) => tag === '*' || tag.replace(/^W\//, '') === etag);
}

/** Returns the values that a header admits, with their weights (RFC 9110 12.4.2). */
const weightsOf = (header: string | undefined): Map<string, number> =>
  new Map(
    list(header).map((item) => {
      const [name = '', ...parameters] = item.toLowerCase().split(/\s*;\s*/);
      const weight = parameters.find((parameter) => parameter.startsWith('q='))?.slice(2) ?? '1';
      return [name, Number(weight)];
    }),
  );

/** Tells whether `Accept-Encoding` admits gzip, by name or by `*`, with a weight above zero (RFC 9110 12.5.3). */
export function acceptsGzip(acceptEncoding: string | undefined): boolean {
  const weights = weightsOf(acceptEncoding);
  return (weights.get('gzip') ?? weights.get('*') ?? 0) > 0;
}

/** Tells whether `Accept` asks for a media type by its name, with a weight above zero (RFC 9110 12.5.1). */
export const accepts = (accept: string | undefined, type: string): boolean => (weightsOf(accept).get(type) ?? 0) > 0;
