import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import type { EntityManager, Repository } from 'typeorm';
import { Clock } from '../../common/clock.js';
import { AppError } from '../../common/errors.js';
import type { AuthorizationRequest } from '../../oauth/authorization/authorization-request.js';
import type { ChangeContext } from '../../platform/context/change-context.js';
import { Transactions } from '../../platform/database/transactions.js';
import { RecordedChange } from '../../platform/events/recorded-change.js';
import { TransactionalEvents } from '../../platform/events/transactional-events.js';
import { SessionTermination } from '../../sessions/session-termination.js';
import { Consent } from './consent.entity.js';

/** A consent with the name of its application. */
export interface NamedConsent {
  client_id: string;
  name: string;
  scopes: string[];
  audiences: string[];
  granted_at: Date;
}

// A later consent adds to the former: the person has agreed to both.
const GRANT = `INSERT INTO consents AS c (user_id, client_id, scopes, audiences, granted_at) VALUES ($1, $2, $3, $4, $5)
  ON CONFLICT (user_id, client_id) DO UPDATE SET granted_at = $5,
    scopes = ARRAY(SELECT DISTINCT unnest(c.scopes || excluded.scopes) ORDER BY 1),
    audiences = ARRAY(SELECT DISTINCT unnest(c.audiences || excluded.audiences) ORDER BY 1)`;

const LIST = `SELECT c.client_id, client.name, c.scopes, c.audiences, c.granted_at
  FROM consents AS c JOIN clients AS client ON client.id = c.client_id WHERE c.user_id = $1 ORDER BY client.name, c.client_id`;

/** Remembers to which applications people have given access. */
@Injectable()
export class Consents {
  constructor(
    @InjectRepository(Consent) private readonly consents: Repository<Consent>,
    private readonly transactions: Transactions,
    private readonly termination: SessionTermination,
    private readonly events: TransactionalEvents,
    private readonly clock: Clock,
  ) {}

  find(userId: string, clientId: string): Promise<Consent | null> {
    return this.consents.findOneBy({ userId, clientId });
  }

  /** Lists the consents of a user, by the names of the applications. */
  list(userId: string): Promise<NamedConsent[]> {
    return this.consents.query<NamedConsent[]>(LIST, [userId]);
  }

  /** Remembers a consent with the transaction of its answer. */
  async grant(
    userId: string,
    request: AuthorizationRequest,
    cause: ChangeContext,
    manager: EntityManager,
  ): Promise<void> {
    const { client, scopes, audiences } = request;
    await manager.query(GRANT, [userId, client, scopes, audiences, this.clock.date()]);
    const details = { client, scopes, audiences };
    await this.record({ event: 'consent.granted', subject: userId, details }, cause, manager);
  }

  /** Records that a person has refused. */
  refuse(userId: string, client: string, cause: ChangeContext, manager: EntityManager): Promise<void> {
    return this.record({ event: 'consent.refused', subject: userId, details: { client } }, cause, manager);
  }

  /** Takes the access of an application away: forgets the consent, and ends its sessions. Throws `not_found`. */
  revoke(userId: string, clientId: string, cause: ChangeContext): Promise<void> {
    return this.transactions.run(async (manager) => {
      const { affected } = await manager.delete(Consent, { userId, clientId });
      if (affected !== 1) throw new AppError('not_found');
      await this.record({ event: 'consent.revoked', subject: userId, details: { client: clientId } }, cause, manager);
      await this.termination.endWithin({ userId, clientId }, 'consent_revoked', cause, manager);
    });
  }

  private record(
    record: ConstructorParameters<typeof RecordedChange>[0],
    cause: ChangeContext,
    manager: EntityManager,
  ): Promise<void> {
    return this.events.emit(new RecordedChange(record, cause, this.clock.date()), manager);
  }
}
