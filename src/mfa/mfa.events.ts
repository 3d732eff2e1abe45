import type { AuditRecord } from '../common/audit-events.js';
import type { ChangeContext } from '../platform/context/change-context.js';
import { DomainEvent, MustBeHandled } from '../platform/events/domain-event.js';

/** The changes of a user's second factors; `reset`: an administrator has removed all of them. */
export type FactorChange = 'added' | 'removed' | 'recovery_codes' | 'reset';

/** The user signs in with other factors than before. Emitted inside the transaction of its cause. */
@MustBeHandled()
export class SecondFactorChanged extends DomainEvent {
  constructor(
    readonly userId: string,
    readonly change: FactorChange,
    cause: ChangeContext,
    at: Date,
  ) {
    super(cause, at);
  }

  override get audit(): AuditRecord[] {
    return [{ event: 'user.second_factor_changed', subject: this.userId, reason: this.change }];
  }
}
