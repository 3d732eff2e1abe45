import { text } from '../platform/config/setting.js';
import { section } from '../platform/config/settings.js';

export const OAUTH_SETTINGS = section({
  tlsClientSubjectHeader: text('TLS_CLIENT_SUBJECT_HEADER', {
    doc: 'The header in which a trusted proxy tells the subject of the certificate that a service has shown (RFC 4514), for `tls_client_auth`. Unset: there is no such thing.',
  }),
  tlsClientVerifyHeader: text('TLS_CLIENT_VERIFY_HEADER', {
    fallback: 'X-Client-Verify',
    doc: 'The header in which it says `SUCCESS` of a certificate that it has verified.',
  }),
});
