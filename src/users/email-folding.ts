import { Injectable, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { canonicalEmail } from '../common/email.js';
import { violates } from '../platform/database/data-source.js';

const PAGE = 500;
/** The most accounts that the log names at a start; the others are counted. */
const NAMED = 20;

const UNFOLDED = `SELECT id, email FROM users
  WHERE email_folded IS NULL AND octet_length(email) <> char_length(email) AND id > $1 ORDER BY id LIMIT ${PAGE}`;
const FOLD = 'UPDATE users SET email_folded = $3 WHERE id = $1 AND email = $2 AND email_folded IS NULL';

/**
 * Fills in the compared form of addresses that a previous version has written. Two accounts whose addresses differ only
 * in letter case both stay: the later one is found by its own spelling, and the log names it at each start.
 */
@Injectable()
export class EmailFolding implements OnApplicationBootstrap {
  private readonly logger = new Logger(EmailFolding.name);

  constructor(private readonly dataSource: DataSource) {}

  async onApplicationBootstrap(): Promise<void> {
    const collisions: string[] = [];
    for (let after = '00000000-0000-0000-0000-000000000000'; ;) {
      const rows = (await this.dataSource.query(UNFOLDED, [after])) as { id: string; email: string }[];
      for (const { id, email } of rows) if (!(await this.fold(id, email))) collisions.push(id);
      if (rows.length < PAGE) break;
      after = rows.at(-1)!.id;
    }
    if (collisions.length === 0) return;
    const others = collisions.length > NAMED ? ` and ${collisions.length - NAMED} more` : '';
    this.logger.warn(
      `The address of another account differs only in letter case from that of user ${collisions.slice(0, NAMED).join(', ')}${others}. Each signs in with the spelling that it registered; delete or merge one of them.`,
    );
  }

  /** Stores the folded address of one account. Returns false where another account has it. */
  private async fold(id: string, email: string): Promise<boolean> {
    try {
      await this.dataSource.query(FOLD, [id, email, canonicalEmail(email)]);
      return true;
    } catch (error) {
      if (violates(error, 'users_email_folded_key')) return false;
      throw error;
    }
  }
}
