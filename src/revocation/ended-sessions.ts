/** A session that has ended, as `sessions` knows it. */
export interface EndedSession {
  readonly id: string;
  readonly statusIndex: number | null;
  /** None of its tokens states a later `iat`. */
  readonly rotatedAt: Date;
}

/** More sessions than this at once are not listed: their list would be larger than the refreshes that an epoch costs. */
const MAX_LISTED = 1_000;

/** Sessions that end together. Of more than can be listed, only what an epoch needs is remembered. */
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

  /** Null where they are too many. */
  get listed(): readonly EndedSession[] | null {
    return this.total <= MAX_LISTED ? this.list : null;
  }

  /** Seconds: the latest `iat` of their tokens; -Infinity where there are none. */
  get lastIssuedAt(): number {
    return Math.floor(this.latest / 1000);
  }

  /** Their places in the Token Status List. */
  get statusIndexes(): readonly number[] {
    return this.indexes;
  }
}
