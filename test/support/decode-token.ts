/** A decoded JWS in compact serialisation (RFC 7515 7.1), whose signature is not verified. */
export interface DecodedToken<Claims = Record<string, unknown>> {
  header: { alg: string; typ: string; kid: string };
  claims: Claims;
  /** The encoded segments. */
  segments: [string, string, string];
}

export function decodeToken<Claims = Record<string, unknown>>(token: string): DecodedToken<Claims> {
  const segments = token.split('.') as DecodedToken['segments'];
  const json = (segment: string) => JSON.parse(Buffer.from(segment, 'base64url').toString()) as never;
  return { header: json(segments[0]), claims: json(segments[1]), segments };
}
