import { Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import { KeyRing } from '../keys/key-ring.js';
import { SigningKeyRevoked } from '../keys/key.events.js';
import { TransactionalEvents } from '../platform/events/transactional-events.js';
import { RevocationService } from './revocation.service.js';

/** Writes a leaked key into the log with its removal. By the log every instance removes it from its ring. */
@Injectable()
export class KeyRevocations implements OnModuleInit {
  private readonly logger = new Logger(KeyRevocations.name);

  constructor(
    private readonly revocations: RevocationService,
    private readonly events: TransactionalEvents,
    private readonly ring: KeyRing,
  ) {}

  onModuleInit(): void {
    this.events.on(SigningKeyRevoked, ({ kid, cause }, manager) =>
      this.revocations.revokeTokens('key', kid, cause, manager),
    );
    this.revocations.follow((entries) => {
      const kids = entries.flatMap((entry) => (entry.kind === 'key' ? [entry.subject] : []));
      if (kids.length === 0) return;
      this.ring.revoke(kids);
      this.ring
        .reload()
        .catch((error: unknown) => this.logger.warn(`Keys could not be read; trying again: ${String(error)}`));
    });
  }
}
