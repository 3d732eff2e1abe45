import { createHmac, type KeyObject } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { deriveKey } from '../../common/crypto.js';
import { canonicalEmail } from '../../common/email.js';
import { Config } from '../config/config.js';
import { Database, type Statement } from '../database/database.js';

const ADD: Statement = {
  name: 'mail_refusal_add',
  text: `INSERT INTO mail_refusals (address_hash, reason) VALUES ($1, $2)
    ON CONFLICT (address_hash) DO UPDATE SET refused_at = now(), reason = excluded.reason`,
};
const FIND: Statement = {
  name: 'mail_refusal_find',
  text: 'SELECT refused_at, reason FROM mail_refusals WHERE address_hash = $1',
};
const CLEAR: Statement = {
  name: 'mail_refusal_clear',
  text: 'DELETE FROM mail_refusals WHERE address_hash = $1 RETURNING true AS cleared',
};

/** Since when a server says that an address takes no mail, and by which codes. */
export interface MailRefusal {
  readonly refusedAt: Date;
  readonly reason: string;
}

/** The addresses that have refused mail. The table holds no address: each is kept as a keyed hash. */
@Injectable()
export class MailRefusals {
  private readonly key: KeyObject;

  constructor(
    config: Config,
    private readonly database: Database,
  ) {
    this.key = deriveKey(config.secretKey, 'mail-refusals');
  }

  async add(address: string, reason: string): Promise<void> {
    await this.database.execute(ADD, [this.hashOf(address), reason]);
  }

  async find(address: string): Promise<MailRefusal | null> {
    const [row] = await this.database.execute<{ refused_at: Date; reason: string }>(FIND, [this.hashOf(address)]);
    return row ? { refusedAt: row.refused_at, reason: row.reason } : null;
  }

  /** Mail goes to the address again. False where it had refused none. */
  async clear(address: string): Promise<boolean> {
    return (await this.database.execute(CLEAR, [this.hashOf(address)])).length === 1;
  }

  private hashOf(address: string): Buffer {
    return createHmac('sha256', this.key)
      .update(canonicalEmail(address) ?? address)
      .digest();
  }
}
