import { Injectable } from '@nestjs/common';
import { Database } from '../../platform/database/database.js';
import { hashOf, START } from './chain.js';
import { CHECKPOINTS, RANGE, READ, UNSIGNED } from './chain.statements.js';
import { Checkpoints, type Checkpoint } from './checkpoints.js';

const PAGE = 1_000;
/** Faults that are told one by one: of more, all are of one kind. */
const MAX_FAULTS = 100;

export interface VerifiedChain {
  /** The numbers of the first and the last event that were looked at; null where there are none. */
  readonly first: number | null;
  readonly last: number | null;
  readonly checkpoints: number;
  /** What is wrong, and where. */
  readonly faults: readonly string[];
}

interface EventRow extends Record<string, unknown> {
  seq: string;
  hash: Buffer;
  event: string;
  details: Record<string, unknown>;
  content: string;
}

interface CheckpointRow extends Record<string, unknown> {
  seq: string;
  hash: Buffer;
  sealed_at: Date;
  jws: string;
  mac: Buffer;
}

interface Range extends Record<string, unknown> {
  first: string | null;
  last: string | null;
  oldest: string | null;
}

const checkpointOf = ({ seq, hash, sealed_at: sealedAt, jws, mac }: CheckpointRow): Checkpoint => ({
  seq: Number(seq),
  hash,
  sealedAt,
  jws,
  mac,
});

const numbers = (first: number, last: number): string => (first === last ? `${first}` : `${first} to ${last}`);

/** Finds out whether the chain is as it was sealed. What it holds in memory does not grow with the log. */
@Injectable()
export class AuditVerifier {
  constructor(
    private readonly database: Database,
    private readonly checkpoints: Checkpoints,
  ) {}

  /** Follows the chain from the last checkpoint before `from` to the first one at or after `to`. */
  async verify({ from, to }: { from?: Date | undefined; to?: Date | undefined } = {}): Promise<VerifiedChain> {
    const faults: string[] = [];
    const [range] = await this.database.execute<Range>(RANGE, [from ?? '-infinity', to ?? 'infinity']);
    const end = Number(range!.last ?? 0);
    const start = await this.startOf(range!, faults);
    const walk = new Walk(start, faults);
    let checkpoints = 0;
    const events = this.events(start.seq, end);
    for await (const checkpoint of this.signed(start.seq + 1, end)) {
      checkpoints++;
      if (!this.checkpoints.isGenuine(checkpoint)) {
        faults.push(`checkpoint ${checkpoint.seq}: it was not signed by this service, or was changed`);
      }
      await walk.follow(events, checkpoint.seq);
      walk.compare(checkpoint);
    }
    await events.return(undefined);
    for (const { seq } of await this.database.execute<{ seq: string }>(UNSIGNED, [MAX_FAULTS])) {
      faults.push(`event ${seq}: it was added, since no checkpoint covers it`);
    }
    if (!from && !to && start.seq > walk.purged) {
      faults.push(`event ${numbers(1, start.seq)}: missing, and no event says that they were removed for their age`);
    }
    return { first: walk.first, last: walk.last, checkpoints, faults: faults.slice(0, MAX_FAULTS) };
  }

  /** Returns where the chain begins: at the origin, or at the checkpoint before the oldest event that is kept. */
  private async startOf({ first, oldest }: Range, faults: string[]): Promise<Place> {
    const seq = first === null ? (oldest === null ? 0 : Number(oldest) - 1) : Number(first);
    if (seq === 0) return START;
    const [row] = await this.database.execute<CheckpointRow>(CHECKPOINTS, [seq, seq, 1]);
    const checkpoint = row && checkpointOf(row);
    if (checkpoint && this.checkpoints.isGenuine(checkpoint)) return checkpoint;
    faults.push(`checkpoint ${seq}: missing or not signed by this service, so that nothing says what was before`);
    return { seq, hash: null };
  }

  private async *events(after: number, end: number): AsyncGenerator<EventRow, undefined> {
    for (let last = after; ;) {
      const rows = await this.database.execute<EventRow>(READ, [last, end, PAGE]);
      if (rows.length === 0) return undefined;
      yield* rows;
      last = Number(rows[0]!.seq) + PAGE - 1;
    }
  }

  private async *signed(first: number, end: number): AsyncGenerator<Checkpoint> {
    for (let next = first; ;) {
      const rows = await this.database.execute<CheckpointRow>(CHECKPOINTS, [next, end, PAGE]);
      yield* rows.map((row) => checkpointOf(row));
      if (rows.length < PAGE) return;
      next = Number(rows.at(-1)!.seq) + 1;
    }
  }
}

/** An event of the chain; its hash is null where it is missing. */
interface Place {
  readonly seq: number;
  readonly hash: Buffer | null;
}

/** Follows the events of the chain one after the other. */
class Walk {
  first: number | null = null;
  last: number | null = null;
  private before: Place;
  /** The next event, read and not yet looked at. */
  private ahead: EventRow | undefined;
  /** Up to which number events were removed by age, as an event of the chain says. */
  purged = 0;

  constructor(
    start: Place,
    private readonly faults: string[],
  ) {
    this.before = start;
  }

  /** Looks at all events up to a number. */
  async follow(events: AsyncGenerator<EventRow, undefined>, end: number): Promise<void> {
    for (;;) {
      if (!this.ahead) {
        const next = await events.next();
        if (next.done) break;
        this.ahead = next.value;
      }
      if (Number(this.ahead.seq) > end) break;
      this.check(this.ahead);
      this.ahead = undefined;
    }
    if (this.before.seq < end) {
      this.faults.push(`event ${numbers(this.before.seq + 1, end)}: missing`);
      this.before = { seq: end, hash: null };
    }
  }

  /** Compares a checkpoint with the event that it names, or takes its word for one that is missing. */
  compare({ seq, hash }: Checkpoint): void {
    if (this.before.hash === null) this.before = { seq, hash };
    else if (!this.before.hash.equals(hash)) {
      this.faults.push(`event ${seq}: it, or others before it, were written anew: the checkpoint names another hash`);
    }
  }

  private check({ seq: text, hash, event, details, content }: EventRow): void {
    const seq = Number(text);
    if (seq <= this.before.seq) {
      this.faults.push(`event ${seq}: there is another one of this number`);
      return;
    }
    if (seq > this.before.seq + 1) {
      this.faults.push(`event ${numbers(this.before.seq + 1, seq - 1)}: missing`);
      this.before = { seq: seq - 1, hash: null };
    }
    if (this.before.hash !== null && !hashOf(this.before.hash, seq, content).equals(hash)) {
      this.faults.push(`event ${seq}: it was changed, or moved here`);
    }
    if (event === 'audit.purged') this.purged = Math.max(this.purged, Number(details['through']));
    this.first ??= seq;
    this.last = seq;
    this.before = { seq, hash };
  }
}
