import type { RegisteredClient } from '../../clients/client-directory.js';
import { isRegistered } from '../../clients/redirect-uri.js';
import { answersChallenge } from './steps/code-challenge.js';
import type { CodeFacts } from './authorization-codes.js';

/** The parts of a token request that have to fit the code. */
export interface Redemption {
  readonly redirectUri: string;
  readonly verifier: string | undefined;
}

/** Returns the reason why a client may not redeem a code with these facts (RFC 6749 4.1.3); null where it may. */
export function faultOfRedemption(
  code: CodeFacts,
  client: Pick<RegisteredClient, 'id' | 'redirectUris' | 'applicationType'>,
  { redirectUri, verifier }: Redemption,
): string | null {
  if (code.client !== client.id) return 'code: it was issued to another client';
  if (code.redirectUri !== redirectUri) return 'redirect_uri: another one than in the authorization request';
  // An administrator may have taken it away meanwhile.
  if (!isRegistered(redirectUri, client.redirectUris, client.applicationType)) {
    return 'redirect_uri: it is not registered any more';
  }
  if (answersChallenge(code.challenge, verifier)) return null;
  return code.challenge === null ? 'code_verifier: there was no code_challenge' : 'code_verifier: it does not fit';
}
