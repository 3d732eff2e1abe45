import { Injectable, type OnModuleInit } from '@nestjs/common';
import type { KeyObject } from 'node:crypto';
import type { EntityManager } from 'typeorm';
import { deriveKey, truncatedMac } from '../common/crypto.js';
import { canonicalEmail } from '../common/email.js';
import { AppError, type ErrorCode } from '../common/errors.js';
import { uuidOf } from '../common/uuid.js';
import { Config } from '../platform/config/config.js';
import type { OneTimePurpose, OneTimeRefusal, OneTimeValue } from '../platform/one-time/one-time-purpose.js';
import { OneTimeValues } from '../platform/one-time/one-time-values.js';
import { TransactionalEvents } from '../platform/events/transactional-events.js';
import { UserAccessEnded } from '../users/user.events.js';
import { UsersService } from '../users/users.service.js';
import type { MailProof } from './mail-proof.dto.js';
import { EMAIL_UNDO } from './purposes.js';

const CODES: Record<OneTimeRefusal, ErrorCode> = {
  malformed: 'link_invalid',
  unknown: 'link_invalid',
  other_holder: 'link_invalid',
  used: 'link_used',
  expired: 'link_expired',
  wrong_code: 'code_invalid',
  too_many_guesses: 'code_locked',
};

/** How an error is told that a link or a code is refused for a reason that the log alone names. */
export const refusedProof = (proof: MailProof, reason: string): AppError =>
  new AppError('token' in proof ? 'link_invalid' : 'code_invalid', { reason });

/** Finds the values whose links and codes people show. Nothing is used up by that. */
@Injectable()
export class MailProofs implements OnModuleInit {
  private readonly key: KeyObject;

  constructor(
    config: Config,
    private readonly values: OneTimeValues,
    private readonly users: UsersService,
    private readonly events: TransactionalEvents,
  ) {
    this.key = deriveKey(config.secretKey, 'unknown-addresses');
  }

  onModuleInit(): void {
    this.events.on(UserAccessEnded, async ({ reason, userId }, manager) => {
      // The id may be given again, and these links go by nothing else.
      if (reason === 'user_deleted') await this.values.discard([EMAIL_UNDO], userId, manager);
    });
  }

  /** Throws `link_invalid`, `link_used`, `link_expired`, `code_invalid`, `code_locked`. */
  async find<Data extends object>(purpose: OneTimePurpose<Data>, proof: MailProof): Promise<OneTimeValue<Data>> {
    const { value, refusal } =
      'token' in proof
        ? await this.values.findByToken(purpose, proof.token)
        : await this.values.findByCode(purpose, await this.subjectOf(proof.email), proof.code);
    if (value) return value;
    throw new AppError(CODES[refusal], { reason: `${purpose.name}: ${refusal}` });
  }

  /**
   * Uses a value up, and with it all others that were sent to its user for these purposes, in a transaction that holds the
   * user's row. Throws `link_used` where somebody else was first.
   */
  async use(
    value: OneTimeValue<object>,
    others: readonly OneTimePurpose<object>[],
    manager: EntityManager,
  ): Promise<void> {
    if (!(await this.values.consume(value, manager)))
      throw new AppError('link_used', { reason: `${value.purpose.name}: used or expired in the same moment` });
    await this.values.discard(others, value.subject, manager);
  }

  /** Makes all values worthless that were issued for the same purpose after this one. */
  discardLater({ purpose, subject, createdAt }: OneTimeValue<object>, manager: EntityManager): Promise<void> {
    return this.values.discard([purpose], subject, manager, createdAt);
  }

  /** The id of a user; of an address without one, an id that is the same every time, so that its guesses count too. */
  private async subjectOf(email: string): Promise<string> {
    return (await this.users.idOf(email)) ?? uuidOf(truncatedMac(this.key, canonicalEmail(email)!));
  }
}
