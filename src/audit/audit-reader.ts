import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { AUDIT_EVENTS, type AuditEventType } from '../common/audit-events.js';
import { spellingsOfNetwork } from '../common/network.js';
import { partOf, startOf, type PageDto, type Part } from '../common/pagination.js';
import { Transactions } from '../platform/database/transactions.js';
import type { AuditEntry } from './audit-event.js';
import { list } from './audit.statements.js';
import type { ListAuditEventsDto } from './audit.dto.js';

/** An event as it is read. */
export interface AuditRow extends AuditEntry {
  /** The number in the chain; null until it is sealed, which takes about a second. */
  readonly seq: string | null;
}

const EXPORT_PAGE = 1_000;

const SHOWN_TO_SUBJECT = Object.entries<AuditEventType>(AUDIT_EVENTS)
  .filter(([, { shownToSubject }]) => shownToSubject)
  .map(([name]) => name);

/** The first version 7 UUID of a millisecond: ids are in the order of time. None is of a time before 1970. */
function firstIdOf(time: string): string {
  const hex = Math.max(Math.ceil(Date.parse(time)), 0)
    .toString(16)
    .padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8)}-0000-0000-000000000000`;
}

type Filter = Omit<ListAuditEventsDto, keyof PageDto>;

const CONDITIONS: Record<keyof Filter, (parameter: string) => string> = {
  from: (time) => `id >= ${time}`,
  to: (time) => `id < ${time}`,
  actor: (id) => `actor = ${id}`,
  subject: (id) => `subject = ${id}`,
  event: (name) => `event = ${name}`,
  client: (id) => `client = ${id}`,
  network: (blocks) => `address <<= ANY (${blocks}::inet[])`,
};

/** Reads the audit log, the newest event first. */
@Injectable()
export class AuditReader {
  constructor(
    private readonly dataSource: DataSource,
    private readonly transactions: Transactions,
  ) {}

  /** Throws `invalid_request` for a cursor that is not ours. */
  list(
    { cursor, limit, from, to, network, ...equal }: ListAuditEventsDto,
    manager = this.dataSource.manager,
  ): Promise<Part<AuditRow>> {
    const given = Object.entries({
      ...equal,
      from: from && firstIdOf(from),
      to: to && firstIdOf(to),
      network: network && spellingsOfNetwork(network),
    }).filter(([, value]) => value !== undefined);
    const conditions = given.map(([name], index) => CONDITIONS[name as keyof Filter](`$${index + 1}`));
    return this.page(
      { limit, ...(cursor !== undefined && { cursor }) },
      conditions,
      given.map(([, value]) => value),
      manager,
    );
  }

  /** Reads all events that pass a filter, a page at a time. What happens meanwhile is not among them. */
  async *pages(filter: Filter): AsyncGenerator<AuditRow[]> {
    for (let cursor: string | null | undefined; cursor !== null;) {
      const asked: ListAuditEventsDto = { ...filter, limit: EXPORT_PAGE, ...(cursor !== undefined && { cursor }) };
      const page: Part<AuditRow> = await this.transactions.runLong((manager) => this.list(asked, manager));
      yield page.items;
      cursor = page.nextCursor;
    }
  }

  /** Lists the events of an account that its user may see. Throws as {@link list}. */
  listOwn(userId: string, page: PageDto): Promise<Part<AuditRow>> {
    return this.page(page, ['subject = $1', 'event = ANY ($2)'], [userId, SHOWN_TO_SUBJECT], this.dataSource.manager);
  }

  private async page(
    page: PageDto,
    conditions: string[],
    values: unknown[],
    manager: EntityManager,
  ): Promise<Part<AuditRow>> {
    const after = startOf(page, null);
    const [last, limit] = [values.length + 1, values.length + 2];
    const condition = [...conditions, `($${last}::uuid IS NULL OR id < $${last})`].join(' AND ');
    const rows = await manager.query<AuditRow[]>(list(condition, `$${limit}`), [...values, after, page.limit + 1]);
    return partOf(rows, page.limit, null);
  }
}
