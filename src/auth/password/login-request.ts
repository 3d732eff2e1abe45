import type { FastifyRequest } from 'fastify';
import type { CredentialRow } from '../../passwords/credential.js';
import type { ProvedUser } from '../sign-in/decide-sign-in.js';
import type { LoginDto } from '../auth.dto.js';
import type { KnownDevice } from '../sign-in/known-device.js';

/** A login. Its statements about the user are true only after its credentials have been verified. */
export interface LoginRequest extends FastifyRequest {
  /** The validated body. */
  credentials: LoginDto;
  /** Aborts when the client disconnects before the answer, so that its hash is not computed any more. */
  hangUp: AbortSignal;
  /** The credential of the address, which was read already where the device was recognised. */
  credential: CredentialRow | null;
  user: ProvedUser;
  /** The thumbprint of the key in its proof; null without a proof. */
  keyThumbprint: string | null;
  /** The device, where it has signed in to this account before. */
  knownDevice: KnownDevice | null;
}
