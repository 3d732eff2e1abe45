import { Injectable } from '@nestjs/common';
import { Clock } from '../../common/clock.js';
import type { Principal } from '../../common/principal.js';
import { RevocationService } from '../../revocation/revocation.service.js';

/** Decides whether a caller who was let in may still read, since a stream lives longer than a request. */
@Injectable()
export class TailAccess {
  constructor(
    private readonly revocations: RevocationService,
    private readonly clock: Clock,
  ) {}

  /** An instance that does not know what is revoked lets nobody read on. */
  allows(principal: Principal): boolean {
    if (!this.revocations.isFresh || this.revocations.isRevoked(principal)) return false;
    return this.clock.seconds() < principal.expiresAt;
  }

  /** Calls `follower` after every revocation. */
  onRevocation(follower: () => void): void {
    this.revocations.follow(follower);
  }
}
