import { Injectable, type OnModuleInit } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { keySetOf, type JwkSet } from '../jose/key-set.js';
import type { PublicKey } from '../jose/public-key.js';
import { AppError } from '../common/errors.js';
import { Database, type Statement } from '../platform/database/database.js';
import { ClusterBus } from '../platform/events/cluster-bus.js';
import { RevocationService } from '../revocation/revocation.service.js';
import { isClientId, type StoredSecret } from './client-credential.js';
import type { ApplicationType, ClientType, GrantType } from './client.entity.js';

/**
 * How long a client is cached, in milliseconds. A change that removes access also refuses the tokens of so much time
 * ahead ({@link EPOCH_AHEAD_SECONDS}), so that an instance that does not know the change yet mints no valid token.
 */
const FRESH_MS = 1_000;
/** More than {@link FRESH_MS} and the difference of clocks together. */
export const EPOCH_AHEAD_SECONDS = 3;

export const CLIENTS_TOPIC = 'clients';
const CACHED = 5_000;

// The lock waits for a transaction that is changing the client. So the reading is older than the epoch of every change
// that it does not show, however long that change takes to commit.
const FIND: Statement = {
  name: 'client_find',
  text: `SELECT id, name, grant_types, scopes, audiences, served_audiences, token_ttl, jwks, jwks_uri, tls_subject_dn,
      type, application_type, first_party, require_pkce, require_pushed_requests, redirect_uris, post_logout_redirect_uris,
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
  type: ClientType;
  application_type: ApplicationType;
  first_party: boolean;
  require_pkce: boolean;
  require_pushed_requests: boolean;
  redirect_uris: string[];
  post_logout_redirect_uris: string[];
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
  /** Its public keys, where they are registered directly. */
  readonly keys: readonly PublicKey[];
  readonly jwksUri: string | null;
  readonly tlsSubjectDn: string | null;
  readonly type: ClientType;
  readonly applicationType: ApplicationType;
  readonly firstParty: boolean;
  readonly requirePkce: boolean;
  readonly requirePushedRequests: boolean;
  readonly redirectUris: readonly string[];
  readonly postLogoutRedirectUris: readonly string[];
  /** The second up to which its tokens are refused; -Infinity where there is none. */
  readonly tokenEpoch: number;
  readonly secrets: readonly StoredSecret[];
  /**
   * A value that differs after every change that removes something (PostgreSQL 5.6: the transaction that wrote the
   * row).
   */
  readonly version: string;
}

interface Known {
  readonly client: RegisteredClient | null;
  readonly readAt: number;
}

/** Finds active clients by their ids, and caches them for a second. */
@Injectable()
export class ClientDirectory implements OnModuleInit {
  private readonly known = new LRUCache<string, Known>({ max: CACHED });
  /**
   * A cache of its own, so that invented ids push no client out. It lasts as long, so that time does not tell unknown
   * ids from clients.
   */
  private readonly unknown = new LRUCache<string, Known>({ max: CACHED });
  private readonly reading = new Map<string, Promise<RegisteredClient | null>>();
  /** The number of changes: a reading that began before the last one is not cached. */
  private changes = 0;

  constructor(
    private readonly database: Database,
    private readonly bus: ClusterBus,
    private readonly revocations: RevocationService,
  ) {}

  onModuleInit(): void {
    this.bus.on(CLIENTS_TOPIC, async () => this.forget());
  }

  /** Returns a client; without a promise where it is cached. Null where it does not exist or is disabled. */
  find(id: string): RegisteredClient | null | Promise<RegisteredClient | null> {
    const known = this.known.get(id) ?? this.unknown.get(id);
    if (known && performance.now() - known.readAt < FRESH_MS) return known.client;
    if (!isClientId(id)) return null;
    let reading = this.reading.get(id);
    if (!reading) {
      reading = this.load(id).finally(() => {
        if (this.reading.get(id) === reading) this.reading.delete(id);
      });
      this.reading.set(id, reading);
    }
    return reading;
  }

  /**
   * Empties the cache after a change on this instance: the next call reads again, and does not share a reading that
   * began before.
   */
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
   * Returns the earliest time that tokens for a client may state as their `iat`, in seconds: not before now, and after
   * every epoch that refuses tokens of the client, or of the subject that they are for.
   */
  earliestIssueTime(client: Pick<RegisteredClient, 'id' | 'tokenEpoch'>, subject = client.id): number {
    const earliest = this.revocations.earliestIssueTime({ subject, client: client.id }, client.tokenEpoch);
    return Math.floor(earliest.getTime() / 1000);
  }

  private async load(id: string): Promise<RegisteredClient | null> {
    const [readAt, changes] = [performance.now(), this.changes];
    const [row] = await this.database.execute<Row>(FIND, [id]);
    // The secrets are also read for an unknown id, so that it costs the same.
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
  type: row.type,
  applicationType: row.application_type,
  firstParty: row.first_party,
  requirePkce: row.require_pkce,
  requirePushedRequests: row.require_pushed_requests,
  redirectUris: row.redirect_uris,
  postLogoutRedirectUris: row.post_logout_redirect_uris,
  tokenEpoch: row.token_epoch ?? -Infinity,
  secrets,
  version: row.version,
});
