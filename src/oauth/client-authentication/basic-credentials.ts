/** The id and the secret of a client. */
export interface BasicCredentials {
  readonly clientId: string;
  readonly secret: string;
}

const BASIC = /^Basic +([A-Za-z0-9+/]+={0,2})$/i;

/**
 * Reads id and secret from an `Authorization: Basic` header, each form-encoded (RFC 6749 2.3.1); null for any other
 * header.
 */
export function basicCredentialsOf(authorization: string): BasicCredentials | null {
  const encoded = BASIC.exec(authorization)?.[1];
  if (!encoded) return null;
  const [id, ...rest] = Buffer.from(encoded, 'base64').toString().split(':');
  if (rest.length === 0) return null;
  const clientId = decode(id!);
  const secret = decode(rest.join(':'));
  return clientId === null || secret === null ? null : { clientId, secret };
}

function decode(text: string): string | null {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return null;
  }
}
