import { randomInt, type KeyObject } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { deriveKey, truncatedMac } from '../../common/crypto.js';
import { Clock } from '../../common/clock.js';
import type { ChangeContext } from '../../platform/context/change-context.js';
import { Transactions } from '../../platform/database/transactions.js';
import { RecordedChange } from '../../platform/events/recorded-change.js';
import { TransactionalEvents } from '../../platform/events/transactional-events.js';
import { Config } from '../../platform/config/config.js';
import { Database, type Statement } from '../../platform/database/database.js';

const COUNT = 10;
/** Without letters and digits that look alike. 16 of 31 characters are 79 bits. */
const ALPHABET = 'abcdefghjkmnpqrstuvwxyz23456789';
const LENGTH = 16;

// Of concurrent requests one deletes the row.
const USE = 'DELETE FROM recovery_codes WHERE user_id = $1 AND hash = $2';
const LEFT: Statement = {
  name: 'recovery_codes_left',
  text: 'SELECT count(*)::int AS left FROM recovery_codes WHERE user_id = $1',
};

/** Makes and checks the codes with which people sign in who have lost their second factor. */
@Injectable()
export class RecoveryCodes {
  private readonly key: KeyObject;

  constructor(
    private readonly database: Database,
    private readonly transactions: Transactions,
    private readonly events: TransactionalEvents,
    private readonly clock: Clock,
    config: Config,
  ) {
    this.key = deriveKey(config.secretKey, 'recovery-codes');
  }

  /** Replaces all codes of a user, in a transaction that holds the user's row, and returns the new ones. */
  async renew(userId: string, manager: EntityManager): Promise<string[]> {
    await this.removeAll(userId, manager);
    const codes = Array.from({ length: COUNT }, newCode);
    const hashes = codes.map((code) => this.hashOf(userId, code));
    await manager.query('INSERT INTO recovery_codes (user_id, hash) SELECT $1, unnest($2::bytea[])', [userId, hashes]);
    return codes;
  }

  async removeAll(userId: string, manager: EntityManager): Promise<void> {
    await manager.query('DELETE FROM recovery_codes WHERE user_id = $1', [userId]);
  }

  /** Tells whether a code is one of the user's, and uses it up. */
  use(userId: string, code: string, cause: ChangeContext): Promise<boolean> {
    return this.transactions.run(async (manager) => {
      const { affected } = await manager.queryRunner!.query(USE, [userId, this.hashOf(userId, code)], true);
      if (affected !== 1) return false;
      const record = { event: 'user.recovery_code_used', subject: userId } as const;
      await this.events.emit(new RecordedChange(record, cause, this.clock.date()), manager);
      return true;
    });
  }

  async left(userId: string): Promise<number> {
    const [row] = await this.database.execute<{ left: number }>(LEFT, [userId]);
    return row!.left;
  }

  // Hyphens, blanks and letter case are for reading.
  private hashOf(userId: string, code: string): Buffer {
    return truncatedMac(this.key, userId, code.toLowerCase().replaceAll(/[^a-z0-9]/g, ''));
  }
}

/** Makes a code as people write it down: `k7mq-3xfa-9wtp-hc2e`. */
function newCode(): string {
  const characters = Array.from({ length: LENGTH }, () => ALPHABET[randomInt(ALPHABET.length)]!).join('');
  return characters.match(/.{4}/g)!.join('-');
}
