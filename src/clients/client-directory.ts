import { Injectable, type OnModuleInit } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { Clock } from '../common/clock.js';
import { Database, type Statement } from '../platform/database/database.js';
import { ClusterBus } from '../platform/events/cluster-bus.js';
import { RevocationService } from '../revocation/revocation.service.js';
import { isClientId, type StoredSecret } from './client-credential.js';
import type { ClientJwks, GrantType } from './client.entity.js';

/**
 * How long a client is known without asking again, in milliseconds. Who takes access away refuses the tokens of so long a
 * time to come as well ({@link EPOCH_AHEAD_SECONDS}), so that an instance which has not heard of it mints nothing that passes.
 */
const FRESH_MS = 1_000;
/** More than {@link FRESH_MS}, a commit and what clocks differ by. */
export const EPOCH_AHEAD_SECONDS = 3;

export const CLIENTS_TOPIC = 'clients';
const CACHED = 5_000;

const FIND: Statement = {
  name: 'client_find',
  text: `SELECT c.id, c.name, c.grant_types, c.scopes, c.audiences, c.served_audiences, c.token_ttl, c.jwks, c.jwks_uri,
      c.tls_subject_dn, c.token_epoch::float8 AS token_epoch,
      array(SELECT hash FROM client_secrets WHERE client_id = c.id ORDER BY id) AS hashes,
      array(SELECT expires_at FROM client_secrets WHERE client_id = c.id ORDER BY id) AS expiries
    FROM clients AS c WHERE c.id = $1 AND c.status = 'active'`,
};

interface Row extends Record<string, unknown> {
  id: string;
  name: string;
  grant_types: GrantType[];
  scopes: string[];
  audiences: string[];
  served_audiences: string[];
  token_ttl: number | null;
  jwks: ClientJwks | null;
  jwks_uri: string | null;
  tls_subject_dn: string | null;
  token_epoch: number | null;
  hashes: Buffer[];
  expiries: (Date | null)[];
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
  readonly jwks: ClientJwks | null;
  readonly jwksUri: string | null;
  readonly tlsSubjectDn: string | null;
  /** The second up to which its tokens are refused; -Infinity where there is none. */
  readonly tokenEpoch: number;
  readonly secrets: readonly StoredSecret[];
}

interface Known {
  readonly client: RegisteredClient | null;
  readonly readAt: number;
}

/** Active clients by their ids, for a second from memory. */
@Injectable()
export class ClientDirectory implements OnModuleInit {
  private readonly known = new LRUCache<string, Known>({ max: CACHED });
  private readonly reading = new Map<string, Promise<RegisteredClient | null>>();
  /** Counts changes: what was read before the last one is not remembered. */
  private changes = 0;

  constructor(
    private readonly database: Database,
    private readonly bus: ClusterBus,
    private readonly revocations: RevocationService,
    private readonly clock: Clock,
  ) {}

  onModuleInit(): void {
    this.bus.on(CLIENTS_TOPIC, async () => this.forget());
  }

  /** Null where there is no such client, or where it is disabled; at once where memory suffices. */
  find(id: string): RegisteredClient | null | Promise<RegisteredClient | null> {
    const known = this.known.get(id);
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
    this.reading.clear();
  }

  /**
   * The earliest time that tokens which a client asks for may state as their `iat`, in seconds: not before now, and after
   * every epoch that refuses tokens of the client, or of the subject that it asks for.
   */
  earliestIssueTime(client: Pick<RegisteredClient, 'id' | 'tokenEpoch'>, subject = client.id): number {
    const epoch = Math.max(client.tokenEpoch, this.revocations.epochOf({ subject, client: client.id }));
    return Math.max(this.clock.seconds(), epoch + 1);
  }

  private async read(id: string): Promise<RegisteredClient | null> {
    const [readAt, changes] = [performance.now(), this.changes];
    const [row] = await this.database.execute<Row>(FIND, [id]);
    const client = row ? clientOf(row) : null;
    // Ids that nobody has are not remembered: there are too many of them.
    if (client && changes === this.changes) this.known.set(id, { client, readAt });
    return client;
  }
}

const clientOf = (row: Row): RegisteredClient => ({
  id: row.id,
  name: row.name,
  grantTypes: row.grant_types,
  scopes: row.scopes,
  audiences: row.audiences,
  servedAudiences: row.served_audiences,
  tokenTtl: row.token_ttl,
  jwks: row.jwks,
  jwksUri: row.jwks_uri,
  tlsSubjectDn: row.tls_subject_dn,
  tokenEpoch: row.token_epoch ?? -Infinity,
  secrets: row.hashes.map((hash, index) => ({ hash, expiresAt: row.expiries[index]! })),
});
