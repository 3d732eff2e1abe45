import { Injectable } from '@nestjs/common';
import { matchesSecret } from '../../clients/client-credential.js';
import type { RegisteredClient } from '../../clients/client-directory.js';
import { Clock } from '../../common/clock.js';
import { AppError } from '../../common/errors.js';
import { Config } from '../../platform/config/config.js';
import { SingleUse } from '../../platform/database/single-use.js';
import { isSignedByOneOf } from '../assertions/foreign-jwt.js';
import { RemoteKeySets } from '../assertions/remote-key-sets.js';
import { clientAssertionOf, markOf, type ClientAssertion } from './client-assertion.js';
import type { PresentedCredential } from './presented-credential.js';

/** How long a used assertion is remembered beyond its life, in milliseconds: another instance may have another clock. */
const REMEMBERED_MS = 60_000;

/** What is to be held against the record of the client that it names. */
export type ClientProof =
  Exclude<PresentedCredential, { kind: 'assertion' }> | ({ readonly kind: 'assertion' } & ClientAssertion);

/** Whether what is presented proves that a client is asking. */
@Injectable()
export class ClientProofs {
  private readonly audiences: readonly string[];

  constructor(
    config: Config,
    private readonly keySets: RemoteKeySets,
    private readonly singleUse: SingleUse,
    private readonly clock: Clock,
  ) {
    // RFC 7523 3 (3), and what libraries took from OpenID Connect Core 9.
    this.audiences = [config.publicUrl, `${config.publicUrl}/oauth/token`];
  }

  /** Which client it is of, and what of it can be judged without that client's record. Throws `invalid_client`. */
  read(credential: PresentedCredential): ClientProof {
    if (credential.kind !== 'assertion') return credential;
    const assertion = clientAssertionOf(credential.assertion, this.audiences, this.clock.seconds());
    // RFC 7521 4.2: whoever is named twice is the same.
    if (credential.clientId !== null && credential.clientId !== assertion.clientId) {
      throw new AppError('invalid_client', { detail: 'client_id is not the subject of the assertion' });
    }
    return { kind: 'assertion', ...assertion };
  }

  /** True once for an assertion. Throws `unavailable` where the keys of the client cannot be fetched. */
  async isOf(client: RegisteredClient, proof: ClientProof): Promise<boolean> {
    if (proof.kind === 'secret') return matchesSecret(proof.secret, client.secrets, this.clock.now());
    if (proof.kind === 'certificate') return proof.subject === client.tlsSubjectDn;
    const keys = client.jwksUri === null ? client.keys : await this.keySets.keysFor(client.jwksUri, proof.jwt);
    return isSignedByOneOf(proof.jwt, keys) && this.spend(proof);
  }

  // RFC 7523 3 (7). After its signature: nobody but its maker can use it up.
  private spend(assertion: ClientAssertion): Promise<boolean> {
    const forgotten = new Date(assertion.expiresAt * 1000 + REMEMBERED_MS);
    return this.singleUse.spend('client_assertion', markOf(assertion), forgotten);
  }
}
