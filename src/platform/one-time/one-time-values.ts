import { randomUUID } from 'node:crypto';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Clock } from '../../common/clock.js';
import { sameBytes } from '../../common/crypto.js';
import { Config } from '../config/config.js';
import { Database } from '../database/database.js';
import { Jobs } from '../jobs/jobs.js';
import { OneTimeCodec } from './one-time-codec.js';
import type { FoundValue, OneTimePurpose, OneTimeRefusal, OneTimeValue } from './one-time-purpose.js';
import {
  CONSUME,
  COUNT_GUESS,
  DISCARD,
  FIND,
  FIND_NOTE,
  FIND_NEWEST,
  FORGET_GUESS,
  ISSUE,
  PORTION,
  PURGES,
  type ValueRow,
} from './one-time-values.statements.js';

const PURGE_MS = 10 * 60_000;
/**
 * How long expired values are kept, in milliseconds, so that the log can tell an expired value from an invented one.
 */
const REMEMBERED_MS = 24 * 3600 * 1000;
/**
 * The number of newest values with which a code is compared, so that sending another code does not make an earlier one
 * invalid.
 */
const COMPARED = 3;

/** The properties of a value that is issued. */
export interface NewOneTimeValue<Data extends object> {
  subject: string;
  data: Data;
  /** The hash of what its holder has to show besides, e.g. of a cookie; absent where anybody may hold it. */
  holder?: Buffer | undefined;
}

/**
 * Values that work once: links, codes, tickets. A token and a code are derived from the id of the value, its purpose
 * and `SECRET_KEY`, so that no table, queue or dump contains a usable one. Finding a value does not use it up.
 */
@Injectable()
export class OneTimeValues implements OnModuleInit {
  private readonly codec: OneTimeCodec;

  constructor(
    config: Config,
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly jobs: Jobs,
  ) {
    this.codec = new OneTimeCodec(config.secretKey);
  }

  onModuleInit(): void {
    this.jobs.add({ name: 'one-time-purge', every: PURGE_MS, onePerCluster: true, run: () => this.purge() });
  }

  /** Stores a value with the transaction of its cause. */
  async issue<Data extends object>(
    purpose: OneTimePurpose<Data>,
    { subject, data, holder }: NewOneTimeValue<Data>,
    manager: EntityManager,
  ): Promise<OneTimeValue<Data>> {
    const id = randomUUID();
    const createdAt = this.clock.date();
    const expiresAt = new Date(createdAt.getTime() + purpose.lifetime * 1000);
    const stored = [id, purpose.name, subject, holder ?? null, JSON.stringify(data), createdAt, expiresAt];
    await manager.query(ISSUE, stored);
    return { id, purpose, subject, data, createdAt, expiresAt };
  }

  /** Returns the token of a value, 47 characters. */
  tokenOf(purpose: OneTimePurpose<object>, id: string): string {
    return this.codec.tokenOf(purpose.name, id);
  }

  /**
   * Returns the code of a value, six digits. Throws where the purpose counts no guesses: then nobody may be asked for a
   * code.
   */
  codeOf(purpose: OneTimePurpose<object>, id: string): string {
    if (purpose.codes === null) throw new Error(`${purpose.name} has no codes`);
    return this.codec.codeOf(purpose.name, id);
  }

  /** Finds the value of a token. `holder`: the hash of what is shown besides. */
  async findByToken<Data extends object>(
    purpose: OneTimePurpose<Data>,
    token: string,
    holder: Buffer | null = null,
  ): Promise<FoundValue<Data>> {
    const id = this.codec.idOf(purpose.name, token);
    return id === null ? refused('malformed') : this.find(purpose, id, holder);
  }

  /** Returns the data of a value that has been used, with its note; null for every other value. */
  async usedDataOf<Data extends object>(purpose: OneTimePurpose<Data>, token: string): Promise<Data | null> {
    const id = this.codec.idOf(purpose.name, token);
    if (id === null) return null;
    const [row] = await this.database.execute<ValueRow>(FIND_NOTE, [id, purpose.name]);
    return row ? (row.data as Data) : null;
  }

  /** Finds a value by its id, which is no secret: for the part of the service that delivers its token. */
  async find<Data extends object>(
    purpose: OneTimePurpose<Data>,
    id: string,
    holder: Buffer | null = null,
  ): Promise<FoundValue<Data>> {
    const [row] = await this.database.execute<ValueRow>(FIND, [id, purpose.name]);
    if (!row) return refused('unknown');
    if (row.used_at) return refused('used');
    if (row.expires_at <= this.clock.date()) return refused('expired');
    if (row.holder && !(holder && sameBytes(row.holder, holder))) return refused('other_holder');
    return found(purpose, row);
  }

  /**
   * Finds the value of a code, among the newest ones of its subject. The guess is counted before, and stays counted unless
   * the code is right. A subject that does not exist costs the same as one that does.
   */
  async findByCode<Data extends object>(
    purpose: OneTimePurpose<Data>,
    subject: string,
    code: string,
    holder: Buffer | null = null,
  ): Promise<FoundValue<Data>> {
    const { codes } = purpose;
    if (codes === null) throw new Error(`${purpose.name} has no codes`);
    const now = this.clock.date();
    const after = (seconds: number) => new Date(now.getTime() + seconds * 1000);
    const guess = [purpose.name, subject, codes.guesses, now, after(-codes.window), after(codes.window)];
    const counted = await this.database.execute(COUNT_GUESS, guess);
    if (counted.length === 0) return refused('too_many_guesses');
    const rows = await this.database.execute<ValueRow>(FIND_NEWEST, [purpose.name, subject, now, COMPARED]);
    const mine = rows.filter((row) => !row.holder || (holder && sameBytes(row.holder, holder)));
    const id = this.codec.matching(
      purpose.name,
      mine.map((row) => row.id),
      code,
    );
    const row = mine.find((one) => one.id === id);
    if (!row) return refused('wrong_code');
    await this.database.execute(FORGET_GUESS, [purpose.name, subject]);
    return found(purpose, row);
  }

  /**
   * Uses a value up with the transaction of what it is used for, which holds the row of its user already. False where
   * somebody else was first, or its time has run out since it was found.
   */
  async consume({ id, purpose }: OneTimeValue<object>, manager: EntityManager): Promise<boolean> {
    const values = [id, purpose.name, this.clock.date()];
    const { affected } = await manager.queryRunner!.query(CONSUME, values, true);
    return affected === 1;
  }

  /**
   * Makes all values of a subject for these purposes worthless, in a transaction that has locked the row of its user.
   */
  async discard(
    purposes: readonly OneTimePurpose<object>[],
    subject: string,
    manager: EntityManager,
    issuedAfter: Date | null = null,
  ): Promise<void> {
    await manager.query(DISCARD, [purposes.map(({ name }) => name), subject, this.clock.date(), issuedAfter]);
  }

  /** Forgets what has expired long ago. In portions, so that few rows are locked at a time. */
  async purge(): Promise<void> {
    const until = new Date(this.clock.date().getTime() - REMEMBERED_MS);
    for (const statement of PURGES) {
      let purged = PORTION;
      while (purged === PORTION) purged = (await this.database.executeLong(statement, [until])).length;
    }
  }
}

const refused = (refusal: OneTimeRefusal) => ({ value: null, refusal }) as const;

function found<Data extends object>(purpose: OneTimePurpose<Data>, row: ValueRow): FoundValue<Data> {
  const { id, subject, data, created_at: createdAt, expires_at: expiresAt } = row;
  return { value: { id, purpose, subject, data: data as Data, createdAt, expiresAt }, refusal: null };
}
