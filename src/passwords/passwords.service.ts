import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Clock } from '../common/clock.js';
import { AppError } from '../common/errors.js';
import { Database } from '../platform/database/database.js';
import { Transactions } from '../platform/database/transactions.js';
import { TransactionalEvents } from '../platform/events/transactional-events.js';
import { SessionsService } from '../sessions/sessions.service.js';
import { UserPasswordChanged } from '../users/user.events.js';
import { BY_ID, type CredentialRow } from './credential.js';
import { PasswordHasher } from './password-hasher.js';
import { Password } from './password.entity.js';

@Injectable()
export class PasswordsService {
  constructor(
    private readonly database: Database,
    private readonly transactions: Transactions,
    private readonly hasher: PasswordHasher,
    private readonly sessions: SessionsService,
    private readonly events: TransactionalEvents,
    private readonly clock: Clock,
  ) {}

  /** Stores a first password. `hash` comes from {@link PasswordHasher}, computed before the transaction began. */
  async store(userId: string, hash: string, manager: EntityManager): Promise<void> {
    await manager.insert(Password, { userId, hash, updatedAt: this.clock.date() });
  }

  /** Throws `wrong_password` where it is not that of an active user, and `overloaded`. */
  async confirm(userId: string, password: string): Promise<CredentialRow> {
    const [row] = await this.database.execute<CredentialRow>(BY_ID, [userId]);
    const right = await this.hasher.verify(row?.hash ?? null, password);
    if (!right || row?.status !== 'active') throw new AppError('wrong_password');
    return row;
  }

  /**
   * Changes the password and ends all sessions but the one that asks, in one transaction.
   * Throws `wrong_password`, `invalid_request` (policy), `overloaded`.
   */
  async change(userId: string, currentSession: string, current: string, next: string): Promise<void> {
    const row = await this.confirm(userId, current);
    const hash = await this.hasher.hashNew(next, { field: 'new_password', email: row.email });
    await this.transactions.run(async (manager) => {
      // The user's row first, as everywhere: a sign-in under way with the old password finds another version, or waits.
      await manager.query('UPDATE users SET credentials_version = credentials_version + 1 WHERE id = $1', [userId]);
      const changed = await manager.update(
        Password,
        { userId, hash: row.hash! },
        { hash, updatedAt: this.clock.date() },
      );
      // Somebody else has changed it since it was checked.
      if (changed.affected !== 1) throw new AppError('wrong_password');
      await this.events.emit(new UserPasswordChanged(userId), manager);
      await this.sessions.endWithin({ userId, except: currentSession }, 'password_changed', manager);
    });
  }
}
