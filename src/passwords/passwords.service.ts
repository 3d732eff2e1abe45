import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Clock } from '../common/clock.js';
import { canonicalEmail, lowerCaseEmail } from '../common/email.js';
import { AppError } from '../common/errors.js';
import { Database, type Statement } from '../platform/database/database.js';
import { Transactions } from '../platform/database/transactions.js';
import { TransactionalEvents } from '../platform/events/transactional-events.js';
import { SessionsService } from '../sessions/sessions.service.js';
import { UserPasswordChanged } from '../users/user.events.js';
import { PasswordHasher } from './password-hasher.js';
import { Password } from './password.entity.js';

/** A user whose password was right a moment ago. */
export interface VerifiedUser {
  id: string;
  /** What `SessionsService.open` compares, so that a change of credentials in between is noticed. */
  credentialsVersion: number;
}

interface CredentialRow extends Record<string, unknown> {
  id: string;
  email: string;
  status: string;
  credentials_version: number;
  hash: string | null;
}

const CREDENTIAL_COLUMNS = 'u.id, u.email, u.status, u.credentials_version, p.hash';
const BY_EMAIL: Statement = {
  name: 'credential_by_email',
  // The own spelling first: before case folding, two accounts could have addresses that differ in letter case alone.
  text: `SELECT ${CREDENTIAL_COLUMNS} FROM users AS u LEFT JOIN passwords AS p ON p.user_id = u.id
     WHERE u.email_canonical = $1 OR coalesce(u.email_folded, u.email_canonical) = $2
     ORDER BY u.email_canonical = $1 DESC LIMIT 1`,
};
const BY_ID: Statement = {
  name: 'credential_by_id',
  text: `SELECT ${CREDENTIAL_COLUMNS} FROM users AS u LEFT JOIN passwords AS p ON p.user_id = u.id WHERE u.id = $1`,
};
const UPGRADE: Statement = {
  name: 'password_upgrade',
  text: 'UPDATE passwords SET hash = $3, updated_at = $4 WHERE user_id = $1 AND hash = $2',
};

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

  /**
   * Null for an unknown address, a wrong password, a user without a password and a disabled one; all cost one hash.
   * Throws `overloaded`.
   */
  async verify(email: string, password: string, signal?: AbortSignal): Promise<VerifiedUser | null> {
    const spellings = [lowerCaseEmail(email), canonicalEmail(email)];
    const [row] = spellings[0] ? await this.database.execute<CredentialRow>(BY_EMAIL, spellings) : [];
    return this.verifyRow(row, password, signal);
  }

  /** Stores a first password. `hash` comes from {@link PasswordHasher}, computed before the transaction began. */
  async store(userId: string, hash: string, manager: EntityManager): Promise<void> {
    await manager.insert(Password, { userId, hash, updatedAt: this.clock.date() });
  }

  /**
   * Changes the password and ends all sessions but the one that asks, in one transaction.
   * Throws `wrong_password`, `invalid_request` (policy), `overloaded`.
   */
  async change(userId: string, currentSession: string, current: string, next: string): Promise<void> {
    const [row] = await this.database.execute<CredentialRow>(BY_ID, [userId]);
    if (!(await this.isRight(row, current)) || !row?.hash) throw new AppError('wrong_password');
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

  private async isRight(row: CredentialRow | undefined, password: string, signal?: AbortSignal): Promise<boolean> {
    const right = await this.hasher.verify(row?.hash ?? null, password, signal);
    return right && row?.status === 'active';
  }

  private async verifyRow(
    row: CredentialRow | undefined,
    password: string,
    signal?: AbortSignal,
  ): Promise<VerifiedUser | null> {
    if (!(await this.isRight(row, password, signal)) || !row?.hash) return null;
    const upgraded = await this.hasher.upgrade(row.hash, password);
    if (upgraded) await this.database.execute(UPGRADE, [row.id, row.hash, upgraded, this.clock.date()]);
    return { id: row.id, credentialsVersion: row.credentials_version };
  }
}
