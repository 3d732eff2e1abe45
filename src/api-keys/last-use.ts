import { Injectable, Logger } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { Clock } from '../common/clock.js';
import { Database } from '../platform/database/database.js';
import { NOTE_USE } from './api-key.statements.js';

const REMEMBERED = 10_000;
const NOTE_EVERY_MS = 5 * 60_000;

/** Stores when keys were last used, and from where, exact to a few minutes. No request waits for it. */
@Injectable()
export class LastUse {
  private readonly logger = new Logger(LastUse.name);
  private readonly noted = new LRUCache<string, number>({ max: REMEMBERED });

  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
  ) {}

  /** Remembers a use that the database has already. */
  remember(keyId: string): void {
    this.noted.set(keyId, this.clock.now());
  }

  note(keyId: string, address: () => string): void {
    const notedAt = this.noted.get(keyId) ?? -Infinity;
    if (this.clock.now() - notedAt < NOTE_EVERY_MS) return;
    this.remember(keyId);
    this.database.execute(NOTE_USE, [keyId, this.clock.date(), address()]).catch((error: unknown) => {
      this.noted.delete(keyId);
      this.logger.debug(`A use of ${keyId} was not noted: ${String(error)}`);
    });
  }
}
