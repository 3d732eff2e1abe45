/** A session that has ended, with the columns of its row. */
export interface EndedSession {
  readonly id: string;
  readonly statusIndex: number | null;
  /** The latest `iat` of its tokens. */
  readonly rotatedAt: Date;
}

/**
 * The most sessions that are listed one by one. A longer list would cost more than the refreshes that an epoch causes.
 */
const MAX_LISTED = 1_000;

/** Sessions that end together. Of more than can be listed, it keeps only what an epoch needs. */
export class EndedSessions {
  private readonly list: EndedSession[] = [];
  private readonly indexes: number[] = [];
  private latest = -Infinity;
  private total = 0;

  add(portion: readonly EndedSession[]): void {
    this.total += portion.length;
    if (this.total <= MAX_LISTED) this.list.push(...portion);
    else this.list.length = 0;
    for (const { statusIndex, rotatedAt } of portion) {
      if (statusIndex !== null) this.indexes.push(statusIndex);
      this.latest = Math.max(this.latest, rotatedAt.getTime());
    }
  }

  get count(): number {
    return this.total;
  }

  /** The sessions; null where there are too many. */
  get listed(): readonly EndedSession[] | null {
    return this.total <= MAX_LISTED ? this.list : null;
  }

  /** The latest `iat` of their tokens, in seconds; -Infinity where there are none. */
  get lastIssuedAt(): number {
    return Math.floor(this.latest / 1000);
  }

  /** Their places in the Token Status List. */
  get statusIndexes(): readonly number[] {
    return this.indexes;
  }
}
