import { Injectable, type BeforeApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Clock } from '../common/clock.js';
import { AppError } from '../common/errors.js';
import { Transactions } from '../platform/database/transactions.js';
import type { ChangeContext } from '../platform/context/change-context.js';
import { ClusterBus } from '../platform/events/cluster-bus.js';
import { Jobs } from '../platform/jobs/jobs.js';
import type { EndedSessions } from './ended-sessions.js';
import { RevocationLog } from './revocation-log.js';
import { RevocationReaders } from './revocation-readers.js';
import { RevocationState } from './revocation-state.js';
import type { RevocableToken, RevocationEntry, RevocationEpoch, TokenOwners } from './revocation.js';

const TOPIC = 'revocations';
const POLL_MS = 1_000;
const PRUNE_MS = 30_000;
/** How old the knowledge of this instance may be, in seconds. Beyond that it neither accepts nor refuses tokens. */
const MAX_STALENESS_SECONDS = 60;

type Follower = (entries: readonly RevocationEntry[]) => void;

/** Records revocations in the transaction of their cause, and keeps them in the memory of every instance. */
@Injectable()
export class RevocationService implements OnModuleInit, BeforeApplicationShutdown {
  private readonly state = new RevocationState();
  private readonly followers: Follower[] = [];
  private readAt = 0;
  private syncedAt = -Infinity;
  private syncing: Promise<void> | null = null;

  constructor(
    private readonly log: RevocationLog,
    private readonly readers: RevocationReaders,
    private readonly transactions: Transactions,
    private readonly bus: ClusterBus,
    private readonly clock: Clock,
    private readonly jobs: Jobs,
  ) {}

  async onModuleInit(): Promise<void> {
    await this.poll();
    this.bus.on(TOPIC, () => this.catchUp());
    this.jobs.add({ name: 'revocations-poll', every: POLL_MS, run: () => this.poll() });
    this.jobs.add({ name: 'revocations-forget', every: PRUNE_MS, run: () => this.state.prune(this.clock.seconds()) });
    this.jobs.add({ name: 'revocations-purge', every: PRUNE_MS, onePerCluster: true, run: () => this.purge() });
  }

  /** The row is removed here, because a poll that was under way before would report this instance once more. */
  async beforeApplicationShutdown(): Promise<void> {
    await this.readers.leave().catch(() => undefined);
  }

  /** The number of the log up to which this instance knows everything. */
  get applied(): number {
    return this.state.applied;
  }

  /** Everything that was revoked before this time is known here, in milliseconds since the epoch. */
  get asOf(): number {
    return this.readAt;
  }

  /** Seconds since this instance last knew everything, by a monotonic clock. */
  get staleness(): number {
    return (performance.now() - this.syncedAt) / 1000;
  }

  /** Whether tokens can be checked: see {@link check}. */
  get isFresh(): boolean {
    return this.staleness <= MAX_STALENESS_SECONDS;
  }

  /** Returns the entries after number `seq` that can still match a token. */
  after(seq: number): readonly RevocationEntry[] {
    return this.state.after(seq);
  }

  /** Calls `follower` with every further part of the log, in its order, after this instance has applied it. */
  follow(follower: Follower): void {
    this.followers.push(follower);
  }

  /**
   * Refuses the access tokens of sessions that have ended, as the last step of the transaction of `manager`. For very
   * many sessions one epoch refuses all tokens: those of living sessions are refused once too, and their clients
   * refresh.
   */
  async revokeSessions(ended: EndedSessions, cause: ChangeContext, manager: EntityManager): Promise<void> {
    const { count, listed, lastIssuedAt, statusIndexes } = ended;
    if (count === 0) return;
    if (listed) return this.announce(await this.log.appendSessions(listed, manager), cause, manager);
    const notBefore = Math.max(this.clock.seconds(), lastIssuedAt);
    await this.append({ kind: 'all', subject: '', notBefore, statusIndexes }, cause, manager);
  }

  /**
   * Refuses all access tokens of a user (`sub`), a client (`client_id`) or a key (`kid`) that state `notBefore`
   * (seconds) or an earlier time. Like {@link revokeSessions}, it is the last step of a transaction.
   */
  async revokeTokens(
    kind: 'user' | 'client' | 'key',
    subject: string,
    cause: ChangeContext,
    manager: EntityManager,
    notBefore = this.clock.seconds(),
  ): Promise<void> {
    await this.append({ kind, subject, notBefore, statusIndexes: [] }, cause, manager);
  }

  /** Accepts a token that is not revoked. Throws `token_revoked`, and `unavailable` where this instance cannot know. */
  check(token: RevocableToken): void {
    if (this.state.isRevoked(token)) throw new AppError('token_revoked');
    if (!this.isFresh && this.clock.seconds() - token.issuedAt > MAX_STALENESS_SECONDS) {
      throw new AppError('unavailable', { retryAfterSeconds: 5 });
    }
  }

  isRevoked(token: RevocableToken): boolean {
    return this.state.isRevoked(token);
  }

  /** Returns the latest second whose tokens are refused for this subject and client; -Infinity where there is none. */
  epochOf(token: TokenOwners): number {
    return this.state.epochOf(token);
  }

  /**
   * Returns the earliest time that tokens may state as their `iat`: not before now, and after every epoch that refuses
   * them. Callers take it before they read the facts of a token, so that an epoch that is set later refuses the token.
   */
  earliestIssueTime(token: TokenOwners, epoch = -Infinity): Date {
    return new Date(Math.max(this.clock.now(), (Math.max(epoch, this.epochOf(token)) + 1) * 1000));
  }

  /** Reads the new part of the log. Only one reading runs at a time; a call during it waits for the next one. */
  async catchUp(): Promise<void> {
    if (this.syncing) await this.syncing.catch(() => undefined);
    this.syncing ??= this.readNewer().finally(() => (this.syncing = null));
    await this.syncing;
  }

  private async readNewer(): Promise<void> {
    const [readAt, startedAt] = [this.clock.now(), performance.now()];
    const { head, entries } = await this.log.entriesAfter(this.state.applied);
    this.state.apply(entries, head);
    [this.readAt, this.syncedAt] = [readAt, startedAt];
    if (entries.length === 0) return;
    for (const follower of this.followers) follower(entries);
    await this.readers.report(head);
  }

  private async append(
    epoch: Omit<RevocationEpoch, 'expiresAt'>,
    cause: ChangeContext,
    manager: EntityManager,
  ): Promise<void> {
    await this.announce([await this.log.appendEpoch(epoch, manager)], cause, manager);
  }

  private async announce(entries: RevocationEntry[], cause: ChangeContext, manager: EntityManager): Promise<void> {
    await this.bus.notify(TOPIC, manager);
    this.transactions.afterCommit(manager, () => {
      cause.noteRevocation(entries.at(-1)!.seq);
      for (const entry of entries) this.state.know(entry);
    });
  }

  private async poll(): Promise<void> {
    await this.catchUp();
    await this.readers.report(this.applied);
  }

  private async purge(): Promise<void> {
    await this.log.prune();
    await this.readers.forgetGone();
  }
}
