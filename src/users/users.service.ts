import { randomInt } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { Repository, type EntityManager } from 'typeorm';
import { Clock } from '../common/clock.js';
import { canonicalEmail, lowerCaseEmail } from '../common/email.js';
import { AppError } from '../common/errors.js';
import type { Locale } from '../common/locale.js';
import type { Role } from '../common/principal.js';
import { uuidv7 } from '../common/uuid.js';
import { Transactions } from '../platform/database/transactions.js';
import type { ChangeContext } from '../platform/context/change-context.js';
import { RecordedChange } from '../platform/events/recorded-change.js';
import { TransactionalEvents } from '../platform/events/transactional-events.js';
import { RevocationService } from '../revocation/revocation.service.js';
import {
  UserAccessEnded,
  UserEmailChanged,
  UserPasswordChanged,
  UserRolesReduced,
  type UserTokensRefused,
} from './user.events.js';
import { guardAdmins, isActiveAdmin, refuseLastAdmin } from './last-admin.js';
import { addressColumns, asTaken } from './user-address.js';
import { creationOf, verificationOf } from './user-records.js';
import { recordOfUpdate, withoutAbsent } from './user-update.js';
import { requireReach, type UserReach } from './user-reach.js';
import { User, type UserStatus } from './user.entity.js';

export interface NewUser {
  email: string;
  displayName?: string | null | undefined;
  locale?: Locale | null | undefined;
  roles?: Role[] | undefined;
  status?: UserStatus | undefined;
  emailVerified?: boolean | undefined;
  /** The id in the system that the user comes from. */
  id?: string | undefined;
  createdAt?: Date | undefined;
}

export interface UserChanges {
  email?: string | undefined;
  emailVerified?: boolean | undefined;
  displayName?: string | null | undefined;
  locale?: Locale | null | undefined;
  status?: UserStatus | undefined;
  roles?: Role[] | undefined;
}

@Injectable()
export class UsersService {
  constructor(
    @InjectRepository(User) private readonly users: Repository<User>,
    private readonly transactions: Transactions,
    private readonly events: TransactionalEvents,
    private readonly revocations: RevocationService,
    private readonly clock: Clock,
  ) {}

  /** Finds a user. Throws `not_found`. */
  async get(id: string): Promise<User> {
    const user = await this.users.findOneBy({ id });
    if (!user) throw new AppError('not_found');
    return user;
  }

  /** Null for an address that no account has; the own spelling comes first, as at a sign-in. */
  async idOf(email: string): Promise<string | null> {
    const [found] = await this.users.query<{ id: string }[]>(
      `SELECT id FROM users WHERE email_canonical = $1 OR coalesce(email_folded, email_canonical) = $2
       ORDER BY email_canonical = $1 DESC LIMIT 1`,
      [lowerCaseEmail(email), canonicalEmail(email)],
    );
    return found?.id ?? null;
  }

  /** Null where the user is gone. */
  find(id: string): Promise<User | null> {
    return this.users.findOneBy({ id });
  }

  count(): Promise<number> {
    return this.users.count();
  }

  /** Creates a user. Throws `email_taken`, `id_taken`, `forbidden` for roles out of reach. */
  async create(fields: NewUser, cause: ChangeContext, manager: EntityManager, reach: UserReach): Promise<User> {
    requireReach(reach, fields.roles ?? []);
    const user = this.newUser(fields);
    await manager.insert(User, user).catch(asTaken);
    await this.events.emit(new RecordedChange(creationOf(user), cause, user.updatedAt), manager);
    return user;
  }

  /** Creates a user unless the address has an account. The id is that of nobody then. */
  async createUnlessTaken(
    fields: NewUser,
    cause: ChangeContext,
    manager: EntityManager,
  ): Promise<{ id: string; created: boolean }> {
    const user = this.newUser(fields);
    const insert = manager.createQueryBuilder().insert().into(User).values(user).orIgnore().returning('id');
    const created = ((await insert.execute()).raw as unknown[]).length === 1;
    const record = created ? creationOf(user) : ({ event: 'user.registration_repeated', subject: null } as const);
    await this.events.emit(new RecordedChange(record, cause, user.updatedAt), manager);
    return { id: user.id, created };
  }

  private newUser(fields: NewUser): User {
    const address = addressColumns(fields.email);
    const now = this.clock.date();
    return this.users.create({
      id: fields.id ?? uuidv7(now.getTime()),
      ...address,
      displayName: fields.displayName ?? null,
      locale: fields.locale ?? null,
      status: fields.status ?? 'active',
      roles: fields.roles ?? ['user'],
      emailVerifiedAt: fields.emailVerified ? now : null,
      // An id can be given again after a deletion: what was proved or mailed for its former user opens nothing of this one.
      credentialsVersion: randomInt(2 ** 30),
      secondFactor: false,
      createdAt: fields.createdAt ?? now,
      updatedAt: now,
    });
  }

  /**
   * Changes a user. In the same transaction, disabling the user or changing the address ends the user's sessions, and
   * removing a role refuses the access tokens that still state it. Throws `not_found`, `last_admin`, `email_taken`,
   * `forbidden` for users out of reach.
   */
  update(id: string, changes: UserChanges, cause: ChangeContext, reach: UserReach = 'all'): Promise<User> {
    return this.transactions.run(async (manager) => {
      if (changes.status !== undefined || changes.roles !== undefined) await guardAdmins(manager);
      const before = await this.lock(id, manager, reach);
      const after = this.changed(before, changes);
      requireReach(reach, after.roles);
      const isOtherAddress = after.credentialsVersion !== before.credentialsVersion;
      if (isActiveAdmin(before) && !isActiveAdmin(after)) await refuseLastAdmin(id, manager);
      await manager.update(User, { id }, after).catch(asTaken);
      const { status, roles, updatedAt: at } = after;
      const record = recordOfUpdate(before, after);
      if (record) await this.events.emit(new RecordedChange(record, cause, at), manager);
      if (before.status === 'active' && status === 'disabled') {
        await this.refuseTokens(new UserAccessEnded(id, 'user_disabled', cause, at), manager);
        return after;
      }
      if (isOtherAddress) await this.events.emit(new UserEmailChanged(id, cause, at), manager);
      if (before.roles.some((role) => !roles.includes(role))) {
        await this.refuseTokens(new UserRolesReduced(id, roles, cause, at), manager);
      }
      return after;
    });
  }

  private changed(before: User, changes: UserChanges): User {
    const now = this.clock.date();
    const { email, emailVerified, ...others } = changes;
    const address = email === undefined ? null : addressColumns(email);
    // Another spelling of the same address has the same mailbox.
    const isOther = address !== null && address.emailFolded !== (before.emailFolded ?? before.emailCanonical);
    const verifiedBefore = isOther ? null : before.emailVerifiedAt;
    return this.users.create({
      ...before,
      ...withoutAbsent(others),
      ...address,
      emailVerifiedAt: emailVerified === undefined ? verifiedBefore : emailVerified ? (verifiedBefore ?? now) : null,
      credentialsVersion: before.credentialsVersion + (isOther ? 1 : 0),
      updatedAt: now,
    });
  }

  /**
   * Raises `credentials_version` for a password that an administrator sets, as the first step of its transaction, so
   * that sign-ins under way fail. Throws as {@link lock}.
   */
  async renewCredentials(id: string, cause: ChangeContext, manager: EntityManager, reach: UserReach): Promise<void> {
    const { credentialsVersion } = await this.lock(id, manager, reach);
    await manager.update(User, { id }, { credentialsVersion: credentialsVersion + 1 });
    await this.events.emit(new UserPasswordChanged(id, 'admin', cause, this.clock.date()), manager);
  }

  /**
   * Raises it likewise for a password that the user sets. Returns false where the user was disabled, or has credentials
   * of another version.
   */
  async renewOwnCredentials(
    id: string,
    version: number,
    cause: ChangeContext,
    manager: EntityManager,
  ): Promise<boolean> {
    const unchanged = { id, credentialsVersion: version, status: 'active' } as const;
    const { affected } = await manager.update(User, unchanged, { credentialsVersion: version + 1 });
    if (affected !== 1) return false;
    await this.events.emit(new UserPasswordChanged(id, 'user', cause, this.clock.date()), manager);
    return true;
  }

  /**
   * Counts a password that a user sets by a mail, which also proves the address. The transaction holds the user's row,
   * which says what was so before.
   */
  async recoverCredentials(before: User, cause: ChangeContext, manager: EntityManager): Promise<void> {
    const now = this.clock.date();
    const { id, credentialsVersion, emailVerifiedAt } = before;
    const counted = { credentialsVersion: credentialsVersion + 1, emailVerifiedAt: emailVerifiedAt ?? now };
    await manager.update(User, { id }, { ...counted, updatedAt: now });
    if (emailVerifiedAt === null) await this.events.emit(new RecordedChange(verificationOf(id), cause, now), manager);
    await this.events.emit(new UserPasswordChanged(id, 'user', cause, now), manager);
  }

  /** Counts the address of a user as proved, in a transaction that holds the user's row. */
  async verifyEmail({ id, emailVerifiedAt }: User, cause: ChangeContext, manager: EntityManager): Promise<void> {
    if (emailVerifiedAt !== null) return;
    const now = this.clock.date();
    await manager.update(User, { id }, { emailVerifiedAt: now, updatedAt: now });
    await this.events.emit(new RecordedChange(verificationOf(id), cause, now), manager);
  }

  /**
   * States whether a sign-in needs a second factor, in a transaction that holds the user's row. Sign-ins under way fail
   * where it does from now on.
   */
  async setSecondFactor(
    { id, credentialsVersion: before }: User,
    isDue: boolean,
    manager: EntityManager,
  ): Promise<void> {
    const credentialsVersion = before + (isDue ? 1 : 0);
    await manager.update(User, { id }, { secondFactor: isDue, credentialsVersion, updatedAt: this.clock.date() });
  }

  /** Adds roles to those of a user, in a transaction that holds the user's row. */
  async addRoles(before: User, roles: readonly Role[], cause: ChangeContext, manager: EntityManager): Promise<void> {
    const changes = { roles: [...new Set([...before.roles, ...roles])], updatedAt: this.clock.date() };
    const record = recordOfUpdate(before, this.users.create({ ...before, ...changes }));
    if (!record) return;
    await manager.update(User, { id: before.id }, changes);
    await this.events.emit(new RecordedChange(record, cause, changes.updatedAt), manager);
  }

  /**
   * Gives a user another address, which a mail has proved, and ends all sessions, in a transaction that holds the user's
   * row. Throws `email_taken`.
   */
  async moveTo(before: User, email: string, cause: ChangeContext, manager: EntityManager): Promise<User> {
    const now = this.clock.date();
    const changes = { credentialsVersion: before.credentialsVersion + 1, emailVerifiedAt: now, updatedAt: now };
    const after = this.users.create({ ...before, ...addressColumns(email), ...changes });
    await manager.update(User, { id: before.id }, after).catch(asTaken);
    await this.events.emit(new UserEmailChanged(before.id, cause, now), manager);
    return after;
  }

  /** Deletes a user. Throws `not_found`, `last_admin`, `forbidden` for users out of reach. */
  delete(id: string, cause: ChangeContext, reach: UserReach = 'all'): Promise<void> {
    return this.transactions.run(async (manager) => {
      await guardAdmins(manager);
      const user = await this.lock(id, manager, reach);
      if (isActiveAdmin(user)) await refuseLastAdmin(id, manager);
      await this.refuseTokens(new UserAccessEnded(id, 'user_deleted', cause, this.clock.date()), manager);
      await manager.delete(User, { id });
    });
  }

  /**
   * Locks the row: sign-ins under way finish before, or see the result of this transaction, and no role is added
   * meanwhile. Throws `not_found`, `forbidden` for users out of reach.
   */
  async lock(id: string, manager: EntityManager, reach: UserReach): Promise<User> {
    const user = await this.lockIfThere(id, manager);
    if (!user) throw new AppError('not_found');
    requireReach(reach, user.roles);
    return user;
  }

  /** Likewise, of a user whom no reach limits; null where there is none. */
  lockIfThere(id: string, manager: EntityManager): Promise<User | null> {
    return manager.findOne(User, { where: { id }, lock: { mode: 'for_no_key_update' } });
  }

  /**
   * Emits the event to the handlers that issue tokens, and refuses the tokens that they report by one epoch, as the
   * last step of a transaction that has locked the user's row. No token states a later time, also not one of a faster
   * clock or one that waits for an epoch to pass.
   */
  private async refuseTokens(event: UserTokensRefused, manager: EntityManager): Promise<void> {
    await this.events.emit(event, manager);
    const { userId: id, lastIssuedAt, cause } = event;
    if (lastIssuedAt === null) return;
    const epoch = Math.max(lastIssuedAt, this.clock.seconds());
    await manager.query('UPDATE users SET token_epoch = greatest(token_epoch, $2) WHERE id = $1', [id, epoch]);
    await this.revocations.revokeTokens('user', id, cause, manager, epoch);
  }
}
