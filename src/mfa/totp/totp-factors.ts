import { randomBytes, type KeyObject } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { IsNull, MoreThanOrEqual, Not, Repository, type EntityManager } from 'typeorm';
import { emailVerificationOf } from '../../auth/email-verification.js';
import { Clock } from '../../common/clock.js';
import { deriveKey, open, seal } from '../../common/crypto.js';
import { AppError } from '../../common/errors.js';
import { uuidv7 } from '../../common/uuid.js';
import { Config } from '../../platform/config/config.js';
import type { User } from '../../users/user.entity.js';
import { TotpFactor } from './totp-factor.entity.js';
import { matchingStep, SECRET_BYTES } from './totp.js';

const MOST_FACTORS = 10;

// Of requests with the same code one is the first: the step of the others is not later any more.
const ACCEPT = `UPDATE totp_factors SET last_step = $2, last_used_at = $3, confirmed_at = coalesce(confirmed_at, $3)
  WHERE id = $1 AND last_step < $2 AND (confirmed_at IS NOT NULL) = $4`;

/** Stores the authenticator apps of users, and checks their codes. */
@Injectable()
export class TotpFactors {
  private readonly key: KeyObject;
  private readonly needsVerifiedEmail: boolean;

  constructor(
    @InjectRepository(TotpFactor) private readonly factors: Repository<TotpFactor>,
    private readonly clock: Clock,
    config: Config,
  ) {
    this.key = deriveKey(config.secretKey, 'totp-secrets');
    this.needsVerifiedEmail = emailVerificationOf(config) !== 'off';
  }

  /** Returns the factors of a user, the oldest first; those that are not confirmed too. */
  of(userId: string): Promise<TotpFactor[]> {
    return this.factors.find({ where: { userId }, order: { id: 'ASC' } });
  }

  confirmedOf(userId: string): Promise<TotpFactor[]> {
    return this.factors.find({ where: { userId, confirmedAt: Not(IsNull()) }, order: { id: 'ASC' } });
  }

  find(id: string, userId: string): Promise<TotpFactor | null> {
    return this.factors.findOneBy({ id, userId });
  }

  /** Counts the confirmed factors of a user, in a transaction that holds the user's row. */
  countConfirmed(userId: string, manager: EntityManager): Promise<number> {
    return manager.countBy(TotpFactor, { userId, confirmedAt: Not(IsNull()) });
  }

  /**
   * Adds a factor that does not count yet, in a transaction that holds the user's row, and returns its secret. Earlier ones
   * that were never confirmed are deleted. Throws `too_many_factors`, and `email_not_verified`: by a factor, somebody who has
   * registered the address of another person could keep that person out.
   */
  async add(
    { id: userId, emailVerifiedAt }: User,
    name: string,
    manager: EntityManager,
  ): Promise<{ id: string; secret: Buffer }> {
    if (emailVerifiedAt === null && this.needsVerifiedEmail)
      throw new AppError('email_not_verified', { reason: 'email: a second factor needs one that was verified' });
    await manager.delete(TotpFactor, { userId, confirmedAt: IsNull() });
    if ((await this.countConfirmed(userId, manager)) >= MOST_FACTORS) throw new AppError('too_many_factors');
    const createdAt = this.clock.date();
    const id = uuidv7(createdAt.getTime());
    const secret = randomBytes(SECRET_BYTES);
    await manager.insert(TotpFactor, { id, userId, name, secret: seal(this.key, secret, id), createdAt });
    return { id, secret };
  }

  /** Confirms a factor by its first code, in a transaction that holds the user's row. False for a wrong code. */
  confirm(factor: TotpFactor, code: string, manager: EntityManager): Promise<boolean> {
    return this.accept(factor, code, false, manager);
  }

  /** Tells whether a code is that of a confirmed factor of the user, and uses it up. */
  async use(userId: string, code: string): Promise<boolean> {
    for (const factor of await this.confirmedOf(userId)) {
      if (await this.accept(factor, code, true, this.factors.manager)) return true;
    }
    return false;
  }

  /** Deletes a factor, in a transaction that holds the user's row, and returns it; null where it is none of this user. */
  async remove(id: string, userId: string, manager: EntityManager): Promise<TotpFactor | null> {
    const factor = await manager.findOneBy(TotpFactor, { id, userId });
    if (factor) await manager.delete(TotpFactor, { id });
    return factor;
  }

  /** Deletes the factors that were added since, in a transaction that holds the user's row, and returns how many there were. */
  async removeAddedSince(userId: string, since: Date, manager: EntityManager): Promise<number> {
    return (await manager.delete(TotpFactor, { userId, createdAt: MoreThanOrEqual(since) })).affected ?? 0;
  }

  async removeAll(userId: string, manager: EntityManager): Promise<void> {
    await manager.delete(TotpFactor, { userId });
  }

  private async accept(
    factor: TotpFactor,
    code: string,
    isConfirmed: boolean,
    manager: EntityManager,
  ): Promise<boolean> {
    const step = matchingStep(open(this.key, factor.secret, factor.id), code, this.clock.seconds());
    if (step === null) return false;
    const runner = manager.queryRunner ?? manager.connection;
    const [, affected] = await runner.query(ACCEPT, [factor.id, step, this.clock.date(), isConfirmed]);
    return affected === 1;
  }
}
