import { createPublicKey, type KeyObject } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { deriveKey, sameBytes, truncatedMac } from '../../common/crypto.js';
import { compactJwsOf } from '../../jose/form-gate.js';
import { isSignedBy, jsonObjectOf, signJws } from '../../jose/jws.js';
import type { SigningAlgorithm } from '../../jose/signature.js';
import { KeyRing } from '../../keys/key-ring.js';
import { Config } from '../../platform/config/config.js';
import type { Link } from './chain.js';

/** A type of its own, so that a checkpoint passes for no token, and no token for a checkpoint. */
const TYP = 'audit-checkpoint+jwt';

/** The end of the chain at a time. */
export interface Checkpoint extends Link {
  readonly sealedAt: Date;
  /** Outsiders verify this, with a JWKS that they have kept. */
  readonly jws: string;
  /** The service verifies this, since it forgets its signing keys one day. */
  readonly mac: Buffer;
}

/** Signs the end of the chain, and recognises what it has signed. */
@Injectable()
export class Checkpoints {
  private readonly key: KeyObject;

  constructor(
    private readonly config: Config,
    private readonly ring: KeyRing,
  ) {
    this.key = deriveKey(config.secretKey, 'audit-checkpoints');
  }

  /** Throws `unavailable` while no key may sign. */
  sign({ seq, hash }: Link, sealedAt: Date): Checkpoint {
    const iat = sealedAt.getTime() / 1000;
    const claims = { iss: this.config.publicUrl, iat, seq, hash: hash.toString('base64url') };
    const jws = signJws(TYP, JSON.stringify(claims), this.ring.signer);
    return { seq, hash, sealedAt, jws, mac: truncatedMac(this.key, jws) };
  }

  /** Tells whether this service has signed exactly this. The signature counts where its key is still published. */
  isGenuine({ seq, hash, sealedAt, jws: text, mac }: Checkpoint): boolean {
    const jws = compactJwsOf(text);
    if (!jws || !sameBytes(mac, truncatedMac(this.key, text))) return false;
    const claims = jsonObjectOf(jws.payload);
    if (claims?.['seq'] !== seq || claims['hash'] !== hash.toString('base64url')) return false;
    if (claims['iat'] !== sealedAt.getTime() / 1000) return false;
    const { alg, typ, kid } = jsonObjectOf(jws.header) ?? {};
    const published = this.ring.jwks.body.keys.find((key) => key['kid'] === kid);
    if (typ !== TYP || !published) return typ === TYP;
    return isSignedBy(jws, alg as SigningAlgorithm, createPublicKey({ key: published, format: 'jwk' }));
  }
}
