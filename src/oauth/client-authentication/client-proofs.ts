import { Injectable } from '@nestjs/common';
import { createPublicKey, generateKeyPairSync, randomBytes } from 'node:crypto';
import { matchesSecret } from '../../clients/client-credential.js';
import type { RegisteredClient } from '../../clients/client-directory.js';
import { Clock } from '../../common/clock.js';
import { AppError } from '../../common/errors.js';
import { Config } from '../../platform/config/config.js';
import { SingleUse } from '../../platform/database/single-use.js';
import type { PublicKey } from '../../jose/public-key.js';
import { candidatesFor, isSignedByOneOf, type ForeignJwt } from '../../jose/foreign-jwt.js';
import { RemoteKeySets } from '../../jose/remote-key-sets.js';
import { clientAssertionOf, markOf, type ClientAssertion } from './client-assertion.js';
import type { PresentedCredential } from './presented-credential.js';

/**
 * How long a used assertion is remembered beyond its life, in milliseconds: the clock of another instance may differ.
 */
const REMEMBERED_MS = 60_000;

/** A parsed credential, which has to be compared with the record of the client that it names. */
export type ClientProof =
  Exclude<PresentedCredential, { kind: 'assertion' }> | ({ readonly kind: 'assertion' } & ClientAssertion);

/** Checks whether a presented credential proves a client's identity. */
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

  /**
   * Finds the client that a credential names, and checks everything that needs no record of that client. Throws
   * `invalid_client`.
   */
  parse(credential: PresentedCredential): ClientProof {
    if (credential.kind !== 'assertion') return credential;
    const assertion = clientAssertionOf(credential.assertion, this.audiences, this.clock.seconds());
    // RFC 7521 4.2: a client that is named twice must be the same.
    if (credential.clientId !== null && credential.clientId !== assertion.clientId) {
      throw new AppError('invalid_client', { detail: 'client_id is not the subject of the assertion' });
    }
    return { kind: 'assertion', ...assertion };
  }

  /**
   * Tells whether a proof belongs to the client; an assertion is accepted once. Returns false without a client, at the
   * same cost. Throws `unavailable` where the keys of the client cannot be fetched.
   */
  async isOf(client: RegisteredClient | null, proof: ClientProof): Promise<boolean> {
    if (proof.kind === 'secret') return matchesSecret(proof.secret, client?.secrets ?? [NO_SECRET], this.clock.now());
    // Whoever names a public client is taken for it; nothing that only its people may have depends on this.
    if (proof.kind === 'none') return client !== null && client.type === 'public';
    if (proof.kind === 'certificate') return client !== null && proof.subject === client.tlsSubjectDn;
    const keys = await this.keysOf(client, proof.jwt);
    const fits = candidatesFor(proof.jwt, keys).length > 0;
    return isSignedByOneOf(proof.jwt, fits ? keys : noKeysFor(proof.jwt)) && fits && this.spend(proof);
  }

  private keysOf(
    client: RegisteredClient | null,
    jwt: ForeignJwt,
  ): readonly PublicKey[] | Promise<readonly PublicKey[]> {
    if (!client || client.jwksUri === null) return client?.keys ?? [];
    return this.keySets.keysFor(client.jwksUri, jwt);
  }

  // RFC 7523 3 (7). It comes after the signature, so that only the assertion's maker can use it up.
  private spend(assertion: ClientAssertion): Promise<boolean> {
    const forgotten = new Date(assertion.expiresAt * 1000 + REMEMBERED_MS);
    return this.singleUse.spend('client_assertion', markOf(assertion), forgotten);
  }
}

/** Used for the comparison where there is no client, or no key of it that fits, so that the time tells neither. */
const NO_SECRET = { hash: randomBytes(32), expiresAt: null };
const EC: PublicKey = {
  kid: null,
  algorithms: ['ES256'],
  key: generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey,
};
const ED: PublicKey = { kid: null, algorithms: ['EdDSA', 'Ed25519'], key: generateKeyPairSync('ed25519').publicKey };
// The public part of a key of 2048 bits whose private part nobody has. It is constant, because making a key takes long.
const RSA: PublicKey = {
  kid: null,
  algorithms: ['RS256', 'PS256'],
  key: createPublicKey({
    key: { kty: 'RSA', n: withHighAndLowBit(randomBytes(256)).toString('base64url'), e: 'AQAB' },
    format: 'jwk',
  }),
};

function withHighAndLowBit(modulus: Buffer): Buffer {
  modulus[0]! |= 0x80;
  modulus[modulus.length - 1]! |= 1;
  return modulus;
}

const noKeysFor = ({ kid }: ForeignJwt): PublicKey[] =>
  [EC, ED, RSA].map(({ algorithms, key }) => ({ kid, algorithms, key }));
