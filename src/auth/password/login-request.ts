import type { FastifyRequest } from 'fastify';
import type { CredentialRow } from '../../passwords/credential.js';
import type { ProvedUser } from '../sign-in/decide-sign-in.js';
import type { LoginDto } from '../auth.dto.js';
import type { KnownDevice } from '../sign-in/known-device.js';

/** A login; what it says of the user holds once its credentials have been found right. */
export interface LoginRequest extends FastifyRequest {
  /** The validated body. */
  credentials: LoginDto;
  /** Aborts when the client goes away before it has been answered: nobody waits for its hash any more. */
  hangUp: AbortSignal;
  /** The credential of the address, where the device was recognised: it has been read already. */
  credential: CredentialRow | null;
  user: ProvedUser;
  /** The thumbprint of the key that it has proved to hold; null where it came without a proof. */
  keyThumbprint: string | null;
  /** The device, where it has signed in to this account before. */
  knownDevice: KnownDevice | null;
}
