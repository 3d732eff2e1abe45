import { Injectable, Logger } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { AuditLog } from '../../audit/audit-log.js';
import { invalidField } from '../../common/errors.js';
import { spellingsOfNetwork } from '../../common/network.js';
import type { Person } from '../../common/principal.js';
import { parseShortUuid } from '../../common/uuid.js';
import { Config } from '../../platform/config/config.js';
import type { ChangeContext } from '../../platform/context/change-context.js';
import { Transactions } from '../../platform/database/transactions.js';
import { RevocationService } from '../../revocation/revocation.service.js';
import type { BulkRevocationDto } from './bulk-revocation.dto.js';
import type { SessionSelection } from '../session-selection.js';
import { SessionTermination, type SessionCount } from '../session-termination.js';

type Criteria = Omit<BulkRevocationDto, 'dry_run' | 'include_self'>;

/** Ends many sessions at once, for administrators. */
@Injectable()
export class BulkRevocationService {
  private readonly logger = new Logger(BulkRevocationService.name);

  constructor(
    private readonly config: Config,
    private readonly transactions: Transactions,
    private readonly termination: SessionTermination,
    private readonly revocations: RevocationService,
    private readonly audit: AuditLog,
  ) {}

  /**
   * Ends the sessions that meet the criteria, all in one transaction, except that of `principal` unless the request
   * includes it. Throws `invalid_request`.
   */
  async revoke(request: BulkRevocationDto, principal: Person, cause: ChangeContext): Promise<SessionCount> {
    const { dry_run: dryRun, include_self: includeSelf, ...criteria } = request;
    refuseContradictions(criteria);
    const spared = includeSelf ? null : parseShortUuid(principal.session);
    const count = this.isOtherClient(criteria)
      ? await this.revokeClient(criteria, dryRun, cause)
      : await this.revokeSessions(criteria, spared, dryRun, cause);
    const { subject, session } = principal;
    this.logger.warn({ event: 'revoked_in_bulk', by: subject, by_session: session, ...request, ...count });
    return count;
  }

  private revokeSessions(
    criteria: Criteria,
    spared: string | null,
    dryRun: boolean,
    cause: ChangeContext,
  ): Promise<SessionCount> {
    const selection = selectionOf(criteria, spared);
    if (dryRun) return this.termination.count(selection);
    return this.transactions.runLong(async (manager) => {
      await this.record(criteria, cause, manager);
      return this.termination.endWithin(selection, 'revoked_in_bulk', cause, manager);
    });
  }

  private record(criteria: Criteria, cause: ChangeContext, manager: EntityManager): Promise<void> {
    return this.audit.record(
      { event: 'session.bulk_revocation', subject: null, details: { criteria } },
      cause,
      manager,
    );
  }

  private isOtherClient({ client_id: client }: Criteria): boolean {
    return client !== undefined && client !== this.config.clientId;
  }

  /** Ends the sessions of a client, and refuses its tokens, of which some belong to no session. */
  private async revokeClient(
    { client_id: client, ...others }: Criteria,
    dryRun: boolean,
    cause: ChangeContext,
  ): Promise<SessionCount> {
    if (Object.values(others).some(Boolean))
      throw invalidField(
        'client_id',
        'criteria',
        'client_id names a client whose tokens are refused too, so it goes with no other criterion: leave the others out',
      );
    const selection = { clientId: client! };
    if (dryRun) return this.termination.count(selection);
    return this.transactions.runLong(async (manager) => {
      await this.record({ client_id: client! }, cause, manager);
      const count = await this.termination.endWithin(selection, 'revoked_in_bulk', cause, manager);
      // The client is the subject of the tokens of its API keys, and verifiers see no more of it than that.
      await this.revocations.revokeTokens('user', client!, cause, manager);
      await this.revocations.revokeTokens('client', client!, cause, manager);
      return count;
    });
  }
}

const selectionOf = (criteria: Criteria, spared: string | null): SessionSelection => ({
  userId: criteria.user_id,
  // Another client than the first-party one was handled before.
  clientId: criteria.client_id === undefined ? undefined : null,
  role: criteria.role,
  createdBefore: timeOf(criteria.created_before),
  createdAfter: timeOf(criteria.created_after),
  networks: criteria.network === undefined ? undefined : spellingsOfNetwork(criteria.network)!,
  everybody: criteria.everybody || undefined,
  except: spared ?? undefined,
});

const timeOf = (text: string | undefined): Date | undefined => (text === undefined ? undefined : new Date(text));

/** Refuses `everybody` together with other criteria. */
function refuseContradictions({ everybody, ...criteria }: Criteria): void {
  const narrowed = Object.values(criteria).some(Boolean);
  if (everybody && narrowed)
    throw invalidField(
      'everybody',
      'criteria',
      'everybody goes with no other criterion: leave it out, or leave the others out',
    );
  if (!everybody && !narrowed)
    throw invalidField('everybody', 'criteria', 'a criterion is needed: name one, or send everybody as true');
}
