import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Clock } from '../common/clock.js';
import { NIL_UUID } from '../common/uuid.js';
import type { ChangeContext } from '../platform/context/change-context.js';
import { Transactions } from '../platform/database/transactions.js';
import { TransactionalEvents } from '../platform/events/transactional-events.js';
import { EndedSessions } from '../revocation/ended-sessions.js';
import { RevocationService } from '../revocation/revocation.service.js';
import { conditionOf, type SessionSelection } from './session-selection.js';
import { SessionsEnded, type SessionEndReason } from './session.events.js';
import {
  countOf,
  END_PORTION,
  endPortion,
  HAS_LOST_PARENT,
  IS_CHILD,
  IS_ROOT,
  type EndedRow,
} from './session.statements.js';

/** A number of sessions, and of their users. */
export interface SessionCount {
  sessions: number;
  users: number;
}

/** Ends sessions, and revokes their access tokens in the same transaction. */
@Injectable()
export class SessionTermination {
  constructor(
    private readonly transactions: Transactions,
    private readonly events: TransactionalEvents,
    private readonly revocations: RevocationService,
    private readonly clock: Clock,
  ) {}

  /** Counts the sessions that {@link end} would end. */
  count(selection: SessionSelection): Promise<SessionCount> {
    const [condition, values] = conditionOf(selection);
    return this.transactions.runLong(async (manager) => {
      const [counted] = await manager.query<[SessionCount]>(countOf(condition), values);
      return counted;
    });
  }

  /** Ends sessions and revokes their access tokens, at once and in one transaction. Returns how many there were. */
  end(selection: SessionSelection, reason: SessionEndReason, cause: ChangeContext): Promise<SessionCount> {
    return this.transactions.run((manager) => this.endWithin(selection, reason, cause, manager));
  }

  /**
   * Ends sessions like {@link end}, as the last step of a transaction. Children end with their parents: no child opens
   * once its parent is gone, so that a second statement finds all of them. Only a portion is in memory at a time, and
   * the ids of all users.
   */
  async endWithin(
    selection: SessionSelection,
    reason: SessionEndReason,
    cause: ChangeContext,
    manager: EntityManager,
  ): Promise<SessionCount> {
    const [condition, values] = conditionOf(selection);
    const ended = new EndedSessions();
    const users = new Set<string>();
    const endAll = async (which: string, parameters: unknown[]): Promise<void> => {
      let last: Pick<EndedRow, 'userId' | 'id'> = { userId: NIL_UUID, id: NIL_UUID };
      for (let portion: EndedRow[] | null = null; portion === null || portion.length === END_PORTION;) {
        const after = [last.userId, last.id];
        portion = await manager.query<EndedRow[]>(endPortion(which, parameters.length), [...parameters, ...after]);
        if (portion.length === 0) return;
        for (const { userId } of portion) users.add(userId);
        last = portion.at(-1)!;
        ended.add(portion);
        await this.events.emit(new SessionsEnded(portion, reason, cause, this.clock.date()), manager);
      }
    };
    await endAll(`${IS_ROOT} AND (${condition})`, values);
    const parents = ended.listed?.map(({ id }) => id);
    const isOfThese = parents ? `s.parent_id = ANY ($${values.length + 1}::uuid[])` : HAS_LOST_PARENT;
    await endAll(`${IS_CHILD} AND ((${condition}) OR ${isOfThese})`, parents ? [...values, parents] : values);
    await this.revocations.revokeSessions(ended, cause, manager);
    return { sessions: ended.count, users: users.size };
  }
}
