import { SignInService } from '../../src/auth/sign-in/sign-in.service.js';
import type { Device } from '../../src/sessions/new-session.js';
import type { TokenResponse } from '../../src/sessions/token.view.js';
import type { User } from '../../src/users/user.entity.js';
import type { TestApp } from './create-app.js';

const DEVICE: Device = { userAgent: null, address: '127.0.0.1' };

/** Signs a user in as their password would, without HTTP and without the hash. */
export function signInAs(
  { app, clock }: TestApp,
  { id, credentialsVersion }: Pick<User, 'id' | 'credentialsVersion'>,
  device = DEVICE,
): Promise<TokenResponse> {
  const proof = { method: 'password', amr: ['pwd'], factors: ['knowledge'], at: clock.date() } as const;
  const proofs = [{ ...proof, userId: id, credentialsVersion }];
  return app.get(SignInService).signIn(
    {
      id,
      credentialsVersion,
      hasTemporaryPassword: false,
      awaitsVerification: false,
      hasSecondFactor: false,
      proofs,
    },
    device,
  );
}
