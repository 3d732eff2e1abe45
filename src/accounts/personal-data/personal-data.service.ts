import { Injectable } from '@nestjs/common';
import { AuditLog } from '../../audit/audit-log.js';
import { Clock } from '../../common/clock.js';
import { AppError } from '../../common/errors.js';
import type { ChangeContext } from '../../platform/context/change-context.js';
import { Transactions } from '../../platform/database/transactions.js';
import { PERSONAL_DATA } from './personal-data.statements.js';
import type { PersonalDataView } from './personal-data.view.js';

/** Exports what the service holds on a person. */
@Injectable()
export class PersonalDataService {
  constructor(
    private readonly transactions: Transactions,
    private readonly audit: AuditLog,
    private readonly clock: Clock,
  ) {}

  /** Returns the data of a user, and records that it was exported. Throws `not_found`. */
  export(userId: string, cause: ChangeContext): Promise<PersonalDataView> {
    return this.transactions.run(async (manager) => {
      const [row] = await manager.query<{ held: Omit<PersonalDataView, 'exported_at'> }[]>(PERSONAL_DATA, [userId]);
      if (!row) throw new AppError('not_found', { reason: 'user: is gone' });
      await this.audit.record({ event: 'user.exported', subject: userId }, cause, manager);
      return { exported_at: this.clock.date(), ...row.held };
    });
  }
}
