import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { LessThan, Repository, type EntityManager } from 'typeorm';
import { Clock } from '../../common/clock.js';
import { AppError } from '../../common/errors.js';
import { countingUpTo, partOf, startOf, type PageDto, type Part } from '../../common/pagination.js';
import type { ChangeContext } from '../../platform/context/change-context.js';
import { Transactions } from '../../platform/database/transactions.js';
import { RecordedChange } from '../../platform/events/recorded-change.js';
import { TransactionalEvents } from '../../platform/events/transactional-events.js';
import { requireReach, type UserReach } from '../../users/user-reach.js';
import { Invitation } from './invitation.entity.js';
import { InvitationMails } from './invitation-mails.js';

const DAY_MS = 24 * 3_600_000;
/** How long expired invitations are kept, so that their mails can be sent again. */
const KEPT_MS = 30 * DAY_MS;

/** Lists, stores, renews and withdraws invitations. */
@Injectable()
export class InvitationsService {
  constructor(
    @InjectRepository(Invitation) private readonly invitations: Repository<Invitation>,
    private readonly mails: InvitationMails,
    private readonly events: TransactionalEvents,
    private readonly transactions: Transactions,
    private readonly clock: Clock,
  ) {}

  /** Lists the open invitations, the newest first. Throws `invalid_request` for a cursor that is not ours. */
  async list({ cursor, limit }: PageDto): Promise<Part<Invitation>> {
    const query = this.invitations
      .createQueryBuilder('invitation')
      .orderBy('invitation.id', 'DESC')
      .limit(limit + 1);
    const after = startOf({ cursor }, null);
    if (after !== null) query.where('invitation.id < :after', { after });
    const [counted] = await this.invitations.query<[{ total: number | null }]>(
      countingUpTo('SELECT 1 FROM invitations'),
    );
    return partOf(await query.getMany(), limit, counted.total);
  }

  /** Finds an invitation; null where it is gone. */
  find(id: string): Promise<Invitation | null> {
    return this.invitations.findOneBy({ id });
  }

  /** Finds an invitation within reach. Throws `not_found`, `forbidden`. */
  async get(id: string, reach: UserReach): Promise<Invitation> {
    const invitation = await this.find(id);
    if (!invitation) throw new AppError('not_found');
    requireReach(reach, invitation.roles);
    return invitation;
  }

  /** Stores an invitation and sends its mail. Throws `already_invited`. */
  async add(invitation: Invitation, cause: ChangeContext): Promise<void> {
    await this.transactions.run(async (manager) => {
      const insert = manager.createQueryBuilder().insert().into(Invitation).values(invitation).orIgnore();
      const { raw } = await insert.returning('id').execute();
      if ((raw as unknown[]).length === 0) throw new AppError('already_invited');
      await this.mails.send(invitation, manager);
      const { id, roles, userId, createdAt } = invitation;
      const details = { roles, ...(userId && { user: userId }) };
      await this.events.emit(
        new RecordedChange({ event: 'invitation.created', subject: id, details }, cause, createdAt),
        manager,
      );
    });
  }

  /** Sends the mail of an invitation again, which works until then. Throws as {@link get} does. */
  async sendAgain(id: string, expiresIn: number, cause: ChangeContext, reach: UserReach): Promise<void> {
    await this.get(id, reach);
    const now = this.clock.date();
    await this.transactions.run(async (manager) => {
      const invitation = await this.lock(id, manager);
      if (!invitation) throw new AppError('not_found');
      invitation.expiresAt = new Date(now.getTime() + expiresIn * 1000);
      await manager.update(Invitation, { id }, { expiresAt: invitation.expiresAt });
      await this.mails.send(invitation, manager);
      await this.events.emit(new RecordedChange({ event: 'invitation.sent_again', subject: id }, cause, now), manager);
    });
  }

  /** Withdraws an invitation: the links of its mails open nothing any more. Throws as {@link get} does. */
  async remove(id: string, cause: ChangeContext, reach: UserReach): Promise<void> {
    await this.get(id, reach);
    await this.transactions.run(async (manager) => {
      if (!(await this.take(id, manager))) throw new AppError('not_found');
      const record = { event: 'invitation.deleted', subject: id } as const;
      await this.events.emit(new RecordedChange(record, cause, this.clock.date()), manager);
    });
  }

  /** Locks an invitation; null where it is gone. */
  lock(id: string, manager: EntityManager): Promise<Invitation | null> {
    return manager.findOne(Invitation, { where: { id }, lock: { mode: 'pessimistic_write' } });
  }

  /** Deletes an invitation with the values of its mails; false where somebody else was first. */
  async take(id: string, manager: EntityManager): Promise<boolean> {
    const { affected } = await manager.delete(Invitation, { id });
    await this.mails.discard(id, manager);
    return affected === 1;
  }

  /** Deletes invitations that expired long ago. */
  async purge(): Promise<void> {
    await this.invitations.delete({ expiresAt: LessThan(new Date(this.clock.now() - KEPT_MS)) });
  }
}
