import { Injectable, type OnModuleInit } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { shortUuid } from '../../common/uuid.js';
import { SsrfSafeHttpClient } from '../../platform/http-client/ssrf-safe-http-client.js';
import { Database, type Statement } from '../../platform/database/database.js';
import { TransactionalEvents } from '../../platform/events/transactional-events.js';
import { OutboxMessages, Undeliverable, type OutboxMessage } from '../../platform/outbox/outbox-messages.js';
import { SessionsEnded } from '../../sessions/session.events.js';
import { LogoutTokens } from './logout-tokens.js';

const KIND = 'backchannel-logout';
/** An application that cannot be reached for so long has sessions of its own that have ended by then. */
const LIFETIME_MS = 2 * 24 * 3600 * 1000;

interface Logout {
  client: string;
  /** The session's short id. */
  session: string;
  user: string;
}

/** Finds the applications of these that want to be told. */
const FIND_TOLD = `SELECT id FROM clients WHERE id = ANY ($1) AND status = 'active' AND backchannel_logout_uri IS NOT NULL`;

const FIND_URI: Statement = {
  name: 'client_find_backchannel_logout_uri',
  text: `SELECT backchannel_logout_uri AS uri FROM clients WHERE id = $1 AND status = 'active'`,
};

/**
 * Tells applications of the end of their sessions, however it came about (OpenID Connect Back-Channel Logout 1.0). The
 * message is stored with the transaction that ends the session, and delivered until the application has it.
 */
@Injectable()
export class BackchannelLogout implements OnModuleInit {
  constructor(
    private readonly outbox: OutboxMessages,
    private readonly events: TransactionalEvents,
    private readonly database: Database,
    private readonly http: SsrfSafeHttpClient,
    private readonly tokens: LogoutTokens,
  ) {}

  onModuleInit(): void {
    this.events.on(SessionsEnded, (ended, manager) => this.store(ended, manager));
    this.outbox.add<Logout>({
      name: KIND,
      atOnce: 4,
      lease: 20_000,
      maxAttempts: 80,
      send: (message, closing) => this.send(message, closing),
    });
  }

  private async store({ sessions, at }: SessionsEnded, manager: EntityManager): Promise<void> {
    const ofApplications = sessions.filter(({ clientId }) => clientId !== null);
    if (ofApplications.length === 0) return;
    const ids = [...new Set(ofApplications.map(({ clientId }) => clientId))];
    const told = new Set((await manager.query<{ id: string }[]>(FIND_TOLD, [ids])).map(({ id }) => id));
    const expiresAt = new Date(at.getTime() + LIFETIME_MS);
    for (const { id, userId: user, clientId: client } of ofApplications) {
      if (client === null || !told.has(client)) continue;
      await this.outbox.append(KIND, { client, session: shortUuid(id), user } satisfies Logout, { expiresAt }, manager);
    }
  }

  private async send({ id, payload }: OutboxMessage<Logout>, closing: AbortSignal): Promise<void> {
    const [client] = await this.database.execute<{ uri: string | null }>(FIND_URI, [payload.client]);
    if (!client?.uri) throw new Undeliverable('The client has no URI for this any more');
    // Signed at every attempt, because a key may retire while the message waits.
    const token = this.tokens.sign({ ...payload, id });
    const headers = { 'Content-Type': 'application/x-www-form-urlencoded' };
    const body = new URLSearchParams({ logout_token: token }).toString();
    const { status } = await this.http.post(client.uri, headers, body, closing);
    if (status !== 200 && status !== 204) throw new Error(`The application answered ${status}`);
  }
}
