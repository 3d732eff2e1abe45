import { Injectable } from '@nestjs/common';
import { signJws } from '../keys/jws.js';
import { KeyRing } from '../keys/key-ring.js';
import { Config } from '../platform/config/config.js';
import { setClaimsOf, type SignalEvent } from './security-event.js';

/** Signs Security Event Tokens as they go out, since a key may retire while one waits. */
@Injectable()
export class SetSigner {
  constructor(
    private readonly config: Config,
    private readonly ring: KeyRing,
  ) {}

  sign(signal: SignalEvent, audience: string): string {
    const claims = setClaimsOf(signal, this.config.publicUrl, audience);
    // RFC 8417 2.3, SSF 1.0 section 4.1.1: the type keeps it from being taken for another token.
    return signJws('secevent+jwt', JSON.stringify(claims), this.ring.signer);
  }
}
