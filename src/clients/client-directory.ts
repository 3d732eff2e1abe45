import { Injectable, type OnModuleInit } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { keySetOf, type JwkSet } from '../jose/key-set.js';
import type { PublicKey } from '../jose/public-key.js';
import { AppError } from '../common/errors.js';
import { Database, type Statement } from '../platform/database/database.js';
import { ClusterBus } from '../platform/events/cluster-bus.js';
import { RevocationService } from '../revocation/revocation.service.js';
import { isClientId, type StoredSecret } from './client-credential.js';
import type { GrantType } from './client.entity.js';

/**
 * How long a client is known without asking again, in milliseconds. Who takes access away refuses the tokens of so long a
 * time to come as well ({@link EPOCH_AHEAD_SECONDS}), so that an instance which has not heard of it mints nothing that passes.
 */
const FRESH_MS = 1_000;
/** More than {@link FRESH_MS}, and what clocks differ by. */
export const EPOCH_AHEAD_SECONDS = 3;

export const CLIENTS_TOPIC = 'clients';
const CACHED = 5_000;

// Waits for a transaction that is changing the client: what is read is older than the epoch of any change that it does not show,
// however long that change takes to commit.
const FIND: Statement = {
  name: 'client_find',
  text: `SELECT id, name, grant_types, scopes, audiences, served_audiences, token_ttl, jwks, jwks_uri, tls_subject_dn,
      token_epoch::float8 AS token_epoch, xmin::text AS version
    FROM clients WHERE id = $1 AND status = 'active' FOR SHARE`,
};

// A statement of its own, so that its snapshot is no older than the lock before it.
const FIND_SECRETS: Statement = {
  name: 'client_find_secrets',
  text: 'SELECT hash, expires_at AS "expiresAt" FROM client_secrets WHERE client_id = $1 ORDER BY id',
};

interface Row extends Record<string, unknown> {
  id: string;
  name: string;
  grant_types: GrantType[];
  scopes: string[];
  audiences: string[];
  served_audiences: string[];
  token_ttl: number | null;
  jwks: JwkSet | null;
  jwks_uri: string | null;
  tls_subject_dn: string | null;
  token_epoch: number | null;
  version: string;
}

/** An active client as the token endpoint needs it. */
export interface RegisteredClient {
  readonly id: string;
  readonly name: string;
  readonly grantTypes: readonly GrantType[];
  readonly scopes: readonly string[];
  readonly audiences: readonly string[];
  readonly servedAudiences: readonly string[];
  readonly tokenTtl: number | null;
  /** Its public keys, where they are registered themselves. */
  readonly keys: readonly PublicKey[];
  readonly jwksUri: string | null;
  readonly tlsSubjectDn: string | null;
  /** The second up to which its tokens are refused; -Infinity where there is none. */
  readonly tokenEpoch: number;
  readonly secrets: readonly StoredSecret[];
  /** Another one after every change that takes something away (PostgreSQL 5.6: the transaction that wrote the row). */
  readonly version: string;
}

interface Known {
  readonly client: RegisteredClient | null;
  readonly readAt: number;
}

/** Active clients by their ids, for a second from memory. */
@Injectable()
export class ClientDirectory implements OnModuleInit {
  private readonly known = new LRUCache<string, Known>({ max: CACHED });
  /** Apart, so that invented ids push no client out; for as long, so that time does not tell them from clients. */
  private readonly unknown = new LRUCache<string, Known>({ max: CACHED });
  private readonly reading = new Map<string, Promise<RegisteredClient | null>>();
  /** Counts changes: what was read before the last one is not remembered. */
  private changes = 0;

  constructor(
    private readonly database: Database,
    private readonly bus: ClusterBus,
    private readonly revocations: RevocationService,
  ) {}

  onModuleInit(): void {
    this.bus.on(CLIENTS_TOPIC, async () => this.forget());
  }

  /** Null where there is no such client, or where it is disabled; at once where memory suffices. */
  find(id: string): RegisteredClient | null | Promise<RegisteredClient | null> {
    const known = this.known.get(id) ?? this.unknown.get(id);
    if (known && performance.now() - known.readAt < FRESH_MS) return known.client;
    if (!isClientId(id)) return null;
    let reading = this.reading.get(id);
    if (!reading) {
      reading = this.read(id).finally(() => {
        if (this.reading.get(id) === reading) this.reading.delete(id);
      });
      this.reading.set(id, reading);
    }
    return reading;
  }

  /** After a change on this instance: the next look reads anew, and does not share a reading that began before. */
  forget(): void {
    this.changes += 1;
    this.known.clear();
    this.unknown.clear();
    this.reading.clear();
  }

  /**
   * Returns the client as it is now, for a caller that found it a while ago: nothing may have been taken away from it meanwhile. Throws
   * `invalid_client` where it is gone, and `unavailable` where it has changed.
   */
  async findAgain(client: RegisteredClient): Promise<RegisteredClient> {
    const now = await this.find(client.id);
    if (!now) throw new AppError('invalid_client');
    if (now.version !== client.version) throw new AppError('unavailable', { retryAfterSeconds: 1 });
    return now;
  }

  /**
   * The earliest time that tokens which a client asks for may state as their `iat`, in seconds: not before now, and after
   * every epoch that refuses tokens of the client, or of the subject that it asks for.
   */
  earliestIssueTime(client: Pick<RegisteredClient, 'id' | 'tokenEpoch'>, subject = client.id): number {
    const earliest = this.revocations.earliestIssueTime({ subject, client: client.id }, client.tokenEpoch);
    return Math.floor(earliest.getTime() / 1000);
  }

  private async read(id: string): Promise<RegisteredClient | null> {
    const [readAt, changes] = [performance.now(), this.changes];
    const [row] = await this.database.execute<Row>(FIND, [id]);
    // Also for an id that nobody has, which costs the same.
    const secrets = await this.database.execute<StoredSecret & Row>(FIND_SECRETS, [id]);
    const client = row ? clientOf(row, secrets) : null;
    if (changes === this.changes) (client ? this.known : this.unknown).set(id, { client, readAt });
    return client;
  }
}

const clientOf = (row: Row, secrets: readonly StoredSecret[]): RegisteredClient => ({
  id: row.id,
  name: row.name,
  grantTypes: row.grant_types,
  scopes: row.scopes,
  audiences: row.audiences,
  servedAudiences: row.served_audiences,
  tokenTtl: row.token_ttl,
  keys: keySetOf(row.jwks) ?? [],
  jwksUri: row.jwks_uri,
  tlsSubjectDn: row.tls_subject_dn,
  tokenEpoch: row.token_epoch ?? -Infinity,
  secrets,
  version: row.version,
});
