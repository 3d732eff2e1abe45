import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Clock } from '../../common/clock.js';
import { Config } from '../../platform/config/config.js';
import { ChangeContext } from '../../platform/context/change-context.js';
import { Transactions } from '../../platform/database/transactions.js';
import { Jobs } from '../../platform/jobs/jobs.js';
import { AuditLog } from '../audit-log.js';
import { partitionsBefore } from './partitions.js';

const EVERY_MS = 3600 * 1000;

/** Removes events for their age, a day at a time. The chain says that they were there, and up to which number. */
@Injectable()
export class AuditRetention implements OnModuleInit {
  constructor(
    private readonly config: Config,
    private readonly transactions: Transactions,
    private readonly log: AuditLog,
    private readonly clock: Clock,
    private readonly jobs: Jobs,
  ) {}

  onModuleInit(): void {
    this.jobs.add({ name: 'audit-purge', every: EVERY_MS, onePerCluster: true, run: () => this.purge() });
  }

  async purge(): Promise<void> {
    const oldest = new Date(this.clock.now() - this.config.auditRetention * 1000);
    await this.transactions.run(async (manager) => {
      const partitions = await partitionsBefore(oldest, manager);
      if (partitions.length === 0) return;
      const [{ through }] = await manager.query<[{ through: string | null }]>(
        `SELECT max(seq) AS through FROM ${partitions.at(-1)!}`,
      );
      await manager.query(`DROP TABLE ${partitions.join(', ')}`);
      if (through === null) return;
      // The last checkpoint before the first event that is left: the chain is followed from there.
      await manager.query('DELETE FROM audit_checkpoints WHERE seq < $1', [through]);
      const record = { event: 'audit.purged', subject: null, details: { through: Number(through) } } as const;
      await this.log.record(record, ChangeContext.ofSystem('jobs'), manager);
    });
  }
}
