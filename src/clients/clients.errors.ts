import type { ErrorTypes } from '../common/errors.js';

export const CLIENTS_ERRORS = {
  invalid_client: {
    status: 401,
    title: 'The client is not known, or has not proven who it is',
    help: 'Authenticate with a valid secret, assertion or certificate of an active client, in one way (RFC 6749 2.3).',
  },
  too_many_secrets: {
    status: 409,
    title: 'The client has as many secrets as it may have',
    help: 'A service account has two at most, so that one can replace the other. Delete one first.',
  },
  client_has_no_secrets: {
    status: 409,
    title: 'A public client cannot keep a secret',
    help: 'It signs people in with `client_id` and PKCE alone. Create a confidential client where a server keeps the secret.',
  },
  too_many_workload_identities: {
    status: 409,
    title: 'As many issuers vouch for the client as may',
    help: 'Delete one that is not needed any more.',
  },
  workload_identity_taken: {
    status: 409,
    title: 'This issuer vouches for a client by this subject already',
    help: 'Issuer and subject are those of one client. Delete the other one first, or use another subject.',
  },
} as const satisfies ErrorTypes;
