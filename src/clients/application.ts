import type { FieldFault } from '../common/errors.js';
import type { Client } from './client.entity.js';
import { faultOfRedirectUri } from './redirect-uri.js';

type Application = Pick<
  Client,
  | 'type'
  | 'applicationType'
  | 'requirePkce'
  | 'grantTypes'
  | 'redirectUris'
  | 'postLogoutRedirectUris'
  | 'jwks'
  | 'jwksUri'
  | 'tlsSubjectDn'
>;

const CREDENTIALS = ['jwks', 'jwksUri', 'tlsSubjectDn'] as const;

/** Returns the first fault of what a client states about people who sign in to it; null where there is none. */
export function faultOfApplication(client: Application): FieldFault | null {
  const { type, applicationType, grantTypes, redirectUris, postLogoutRedirectUris, requirePkce } = client;
  const uris = { redirect_uris: redirectUris, post_logout_redirect_uris: postLogoutRedirectUris };
  for (const [field, list] of Object.entries(uris)) {
    for (const uri of list) {
      const fault = faultOfRedirectUri(uri, applicationType);
      if (fault) return { field, code: 'redirect_uri', message: `${field} ${fault}` };
    }
  }
  if (grantTypes.includes('authorization_code') && redirectUris.length === 0) {
    return { field: 'redirect_uris', code: 'required', message: 'redirect_uris is required for authorization_code' };
  }
  if (type === 'confidential') return null;
  // RFC 6749 4.4: the others are for confidential clients alone.
  if (grantTypes.some((grant) => grant !== 'authorization_code')) {
    const message = 'grant_types of a public client is authorization_code alone';
    return { field: 'grant_types', code: 'public_client', message };
  }
  if (CREDENTIALS.some((name) => client[name] !== null)) {
    return { field: 'type', code: 'public_client', message: 'a public client has no keys and no certificate' };
  }
  // RFC 9700 2.1.1.
  if (!requirePkce) return { field: 'require_pkce', code: 'public_client', message: 'a public client needs PKCE' };
  return null;
}
