import { Injectable } from '@nestjs/common';
import { signJws, signJwsByRsa } from '../../jose/jws.js';
import { KeyRing } from '../../keys/key-ring.js';
import { KeyRotationService } from '../../keys/key-rotation.service.js';
import { Config } from '../../platform/config/config.js';
import { setClaimsOf, type SignalEvent } from './security-event.js';
import { signingAlgOf, type SignalStream } from '../streams/stream.entity.js';

// RFC 8417 2.3, SSF 1.0 section 4.1.1: the type prevents its use as another token.
const TYPE = 'secevent+jwt';

/** Signs Security Event Tokens when they are sent, because a key may retire while an event waits. */
@Injectable()
export class SetSigner {
  constructor(
    private readonly config: Config,
    private readonly ring: KeyRing,
    private readonly rotation: KeyRotationService,
  ) {}

  async sign(signal: SignalEvent, stream: Pick<SignalStream, 'audience' | 'signingAlg'>): Promise<string> {
    const claims = JSON.stringify(setClaimsOf(signal, this.config.publicUrl, stream.audience));
    if (signingAlgOf(stream, this.config.signingAlgorithm) === 'ES256') return signJws(TYPE, claims, this.ring.signer);
    return signJwsByRsa(TYPE, claims, await this.rotation.eventSigner());
  }

  /** Publishes the key that a stream needs, before its receiver looks for it. */
  async prepare(stream: Pick<SignalStream, 'signingAlg'>): Promise<void> {
    if (signingAlgOf(stream, this.config.signingAlgorithm) === 'RS256') await this.rotation.eventSigner();
  }
}
