import { AppError } from '../../common/errors.js';
import type { ClientCredentialsDto } from '../oauth.dto.js';
import { basicCredentialsOf } from './basic-credentials.js';
import { JWT_BEARER } from './client-assertion.js';

/** The credential of a client, by one of the methods of RFC 6749 2.3. */
export type PresentedCredential =
  | { readonly kind: 'secret'; readonly clientId: string; readonly secret: string }
  | { readonly kind: 'assertion'; readonly clientId: string | null; readonly assertion: string }
  | { readonly kind: 'certificate'; readonly clientId: string; readonly subject: string }
  /** The id alone, which a public client sends (RFC 6749 3.2.1). */
  | { readonly kind: 'none'; readonly clientId: string };

/** The credentials of a client that are not in the form. */
export interface RequestCredentials {
  /** The `Authorization` header. */
  readonly authorization: string | undefined;
  /** The subject of the certificate that came with the connection. It counts where nothing else is presented. */
  readonly certificateSubject: string | null;
}

const refuse = (detail: string): never => {
  throw new AppError('invalid_request', { detail });
};

/** Returns the credential of a request; null where there is none of a client. Throws `invalid_request`. */
export function presentedCredential(
  form: ClientCredentialsDto,
  { authorization, certificateSubject }: RequestCredentials,
): PresentedCredential | null {
  const { client_id: clientId, client_secret: secret, client_assertion: assertion } = form;
  // RFC 6749 2.3: with no more than one method.
  if ([authorization, secret, assertion].filter((way) => way !== undefined).length > 1) {
    return refuse('a client authenticates in one way');
  }
  if (
    (assertion !== undefined || form.client_assertion_type !== undefined) &&
    form.client_assertion_type !== JWT_BEARER
  ) {
    return refuse(`client_assertion_type must be ${JWT_BEARER}`);
  }
  if (authorization !== undefined) {
    const basic = basicCredentialsOf(authorization);
    if (basic && clientId !== undefined && clientId !== basic.clientId) refuse('client_id is that of another client');
    return basic && { kind: 'secret', ...basic };
  }
  if (assertion !== undefined) return { kind: 'assertion', clientId: clientId ?? null, assertion };
  if (clientId === undefined) return null;
  if (secret !== undefined) return { kind: 'secret', clientId, secret };
  return certificateSubject === null
    ? { kind: 'none', clientId }
    : { kind: 'certificate', clientId, subject: certificateSubject };
}
