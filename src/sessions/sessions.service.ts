import { randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { entryOf, type AuditEntry } from '../audit/audit-event.js';
import { EventCounts } from '../audit/event-counts.js';
import type { AuditRecord } from '../common/audit-events.js';
import { Clock } from '../common/clock.js';
import { partOf, startOf, type PageDto, type Part } from '../common/pagination.js';
import { shortUuid, uuidv7 } from '../common/uuid.js';
import { Config } from '../platform/config/config.js';
import { Database } from '../platform/database/database.js';
import { RevocationService } from '../revocation/revocation.service.js';
import { hashSecret, SECRET_BYTES, type RefreshClaim, type SessionClaim } from './refresh/refresh-token.js';
import type { NewSession } from './new-session.js';
import { factsOf, type SessionFacts } from './session-tokens.js';
import {
  COUNT,
  INSPECT,
  type InspectedRow,
  HOLD,
  IS_CHILD_OF,
  LIST,
  OPEN,
  OPEN_BY_VALUE,
  PURGE,
  TOUCH,
  type OwnedRow,
  type SessionRow,
} from './session.statements.js';

export interface OpenedSession {
  claim: RefreshClaim;
  facts: SessionFacts;
}

/** A session that cannot end before the transaction that holds it. */
export interface HeldSession {
  expiresAt: Date;
  /** Its place in the Token Status Lists; null for a session older than those. */
  statusIndex: number | null;
}

@Injectable()
export class SessionsService {
  constructor(
    private readonly config: Config,
    private readonly database: Database,
    private readonly revocations: RevocationService,
    private readonly clock: Clock,
    private readonly counts: EventCounts,
  ) {}

  /**
   * Opens a session. Returns null where the user is no longer active, the user's credentials have changed meanwhile, the
   * parent has ended, or the value that it uses has been used.
   */
  async open(session: NewSession): Promise<OpenedSession | null> {
    const { userId, device, client, uses } = session;
    const now = new Date(Math.max(this.earliestIssueTime(client?.id).getTime(), (client?.notBefore ?? 0) * 1000));
    const claim: RefreshClaim = { sessionId: uuidv7(now.getTime()), generation: 0, secret: randomBytes(SECRET_BYTES) };
    // In whole seconds, as tokens state it, so that no token is minted that has expired.
    const expiresAt = new Date((Math.floor(now.getTime() / 1000) + this.config.sessionAbsoluteLimit) * 1000);
    const userAgent = device.userAgent?.slice(0, 256).toWellFormed() ?? null;
    const [signedIn, parentId] = 'parentId' in session ? [null, session.parentId] : [session, null];
    const values = [
      claim.sessionId,
      userId,
      hashSecret(claim.secret),
      now,
      expiresAt,
      userAgent,
      device.address,
      signedIn?.credentialsVersion ?? null,
      device.keyThumbprint ?? null,
      parentId,
      this.idleSince(now),
      this.storedClient(client?.id ?? null),
      client?.scopes ?? [],
      client?.audiences ?? null,
      signedIn?.authentication.at ?? null,
      signedIn?.authentication.methods ?? null,
      signedIn?.authentication.level ?? null,
      JSON.stringify(this.openedEntry(session, claim.sessionId, now)),
    ];
    const [opened] = uses
      ? await this.database.execute<OwnedRow>(OPEN_BY_VALUE, [...values, uses.id, uses.purpose, this.clock.date()])
      : await this.database.execute<OwnedRow>(OPEN, values);
    if (!opened) return null;
    this.counts.count(this.openedRecord(session, claim.sessionId));
    return { claim, facts: factsOf(opened) };
  }

  private openedEntry(session: NewSession, id: string, at: Date): AuditEntry {
    const { userId, device, client } = session;
    return entryOf(
      this.openedRecord(session, id),
      {
        actor: { kind: 'user', id: userId },
        onBehalfOf: null,
        client: client?.id ?? this.config.clientId,
        address: device.address,
        requestId: device.requestId ?? null,
      },
      at,
    );
  }

  private openedRecord(session: NewSession, id: string): AuditRecord {
    const how =
      'parentId' in session ? { parent: shortUuid(session.parentId) } : { methods: session.authentication.methods };
    return { event: 'session.opened', subject: session.userId, details: { session: shortUuid(id), ...how } };
  }

  /**
   * Keeps a session alive, used from `address` where that is known. Returns null where the session has ended, or where
   * the refresh token has another generation. `now` is the earliest time that its tokens may state.
   */
  async touch(
    { sessionId, secret }: SessionClaim,
    address: string | null,
    generation: number | null = null,
    now = this.earliestIssueTime(),
  ): Promise<SessionFacts | null> {
    const values = [sessionId, hashSecret(secret), now, this.idleSince(now), address, generation];
    const [touched] = await this.database.execute<OwnedRow>(TOUCH, values);
    return touched ? factsOf(touched) : null;
  }

  /**
   * Lists the live sessions of a user, the newest sign-in first. Use does not change that order, so that pages miss no
   * session. Throws `invalid_request` for a cursor that is not ours.
   */
  async list(userId: string, page: PageDto): Promise<Part<SessionRow>> {
    const after = startOf(page, null);
    const live = this.livingOf(userId);
    const rows = await this.database.execute<SessionRow>(LIST, [...live, after, page.limit + 1]);
    return partOf(rows, page.limit, await this.countLiving(userId));
  }

  /** Counts the live sessions of a user; null where there are more than are counted. */
  async countLiving(userId: string): Promise<number | null> {
    const [counted] = await this.database.execute<{ total: number | null }>(COUNT, this.livingOf(userId));
    return counted!.total;
  }

  private livingOf(userId: string): unknown[] {
    const now = this.clock.date();
    return [userId, now, this.idleSince(now)];
  }

  /** Returns the client of a session; null where the session has ended. */
  async clientOf({ sessionId, secret }: SessionClaim): Promise<string | null> {
    const [row] = await this.database.execute<InspectedRow>(INSPECT, [sessionId, hashSecret(secret)]);
    return row ? (row.client_id ?? this.config.clientId) : null;
  }

  /** Tells whether a session was opened under another one, and has not ended. */
  async isChildOf(id: string, parentId: string): Promise<boolean> {
    return (await this.database.execute(IS_CHILD_OF, [id, parentId])).length === 1;
  }

  /** Keeps a living session of a user from ending before the transaction does. Returns null where it is over. */
  async hold(id: string, userId: string, manager: EntityManager): Promise<HeldSession | null> {
    const now = this.clock.date();
    const [row] = await manager.query<{ expires_at: Date; status_index: number | null }[]>(HOLD, [
      id,
      userId,
      now,
      this.idleSince(now),
    ]);
    return row ? { expiresAt: row.expires_at, statusIndex: row.status_index } : null;
  }

  /**
   * Returns the latest `iat` of the access tokens of a user's sessions, in seconds; null where there are no sessions.
   */
  async lastIssuedAt(userId: string, manager: EntityManager): Promise<number | null> {
    const [{ latest }] = await manager.query<[{ latest: number | null }]>(
      'SELECT floor(extract(epoch FROM max(rotated_at)))::float8 AS latest FROM sessions WHERE user_id = $1',
      [userId],
    );
    return latest;
  }

  /** Deletes sessions that are past their limits; their tokens have expired already. */
  async purge(): Promise<void> {
    const now = this.clock.date();
    await this.database.executeLong(PURGE, [now, this.idleSince(now)]);
  }

  /**
   * Returns the earliest time that tokens of a client may state as their `iat`. It is not later than the reading of the
   * facts, so that an epoch set after that refuses the tokens, and it is later than the epochs of everybody and of the
   * client. (The user's epoch is in the user's row.)
   */
  earliestIssueTime(client = this.config.clientId): Date {
    return this.revocations.earliestIssueTime({ subject: '', client });
  }

  /** Returns the client id for a row: null for the first-party client, whose id is a setting. */
  storedClient(client: string | null): string | null {
    return client === this.config.clientId ? null : client;
  }

  /** Returns the time since which a session must have been refreshed to be still alive. */
  idleSince(now: Date): Date {
    return new Date(now.getTime() - this.config.sessionIdleLimit * 1000);
  }
}
