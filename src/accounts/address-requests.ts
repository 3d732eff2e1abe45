import { Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { EntityManager } from 'typeorm';
import { Clock } from '../common/clock.js';
import { negotiateLocale, type Locale } from '../common/locale.js';
import { Transactions } from '../platform/database/transactions.js';
import { clientAddressOf } from '../platform/http/request/client-address.js';
import { Mailer } from '../platform/mail/mailer.js';
import { OutboxMessages, Undeliverable } from '../platform/outbox/outbox-messages.js';
import type { User } from '../users/user.entity.js';
import { UsersService } from '../users/users.service.js';

const KIND = 'address-request';
/** After that, nobody waits for a mail any more. */
const LIFETIME_MS = 3_600_000;

/** Where a request came from, for the mail that tells of it. */
export interface RequestOrigin {
  readonly address: string;
  readonly userAgent: string | null;
  /** Null where the caller names none of ours. */
  readonly locale: Locale | null;
  readonly requestId: string;
}

export const originOf = (request: FastifyRequest): RequestOrigin => ({
  address: clientAddressOf(request),
  userAgent: request.headers['user-agent']?.slice(0, 256).toWellFormed() ?? null,
  locale: negotiateLocale(request.headers['accept-language']),
  requestId: request.id,
});

/** What somebody asks for by an address alone. */
export interface AddressRequest {
  /** Names what is asked for, e.g. `password_recovery`. */
  readonly what: string;
  readonly email: string;
  readonly origin: RequestOrigin;
  /** The user who asks for the address, and the version of their credentials, where they have signed in. */
  readonly changes?: { readonly userId: string; readonly credentialsVersion: number };
  /** Whether the request has made the account, where it could. */
  readonly created?: boolean;
}

/** Acts on a request. `user`: whose address it is; null for nobody's. Returns why no mail is sent, for the log, or null. */
type Handler = (user: User | null, request: AddressRequest) => Promise<string | null>;

/**
 * Requests that must not tell whether an address has an account: each one is stored, in the same way for every address, and
 * answered. A worker looks the address up afterwards, and may do its work twice where the process ends meanwhile.
 */
@Injectable()
export class AddressRequests implements OnModuleInit {
  private readonly logger = new Logger(AddressRequests.name);
  private readonly handlers = new Map<string, Handler>();

  constructor(
    private readonly outbox: OutboxMessages,
    private readonly users: UsersService,
    private readonly mailer: Mailer,
    private readonly transactions: Transactions,
    private readonly clock: Clock,
  ) {}

  /** Registers, in `onModuleInit`, what is done about requests of this name. */
  on(what: string, handler: Handler): void {
    this.handlers.set(what, handler);
  }

  onModuleInit(): void {
    this.outbox.add<AddressRequest>({
      name: KIND,
      atOnce: 2,
      lease: 30_000,
      maxAttempts: 20,
      send: ({ payload }) => this.handle(payload),
    });
  }

  async add(request: AddressRequest): Promise<void> {
    await this.transactions.run((manager) => this.addWithin(request, manager));
  }

  async addWithin(request: AddressRequest, manager: EntityManager): Promise<void> {
    const expiresAt = new Date(this.clock.now() + LIFETIME_MS);
    await this.outbox.append(KIND, request, { expiresAt }, manager);
  }

  private async handle(request: AddressRequest): Promise<void> {
    const { what, email, origin } = request;
    const handler = this.handlers.get(what);
    if (!handler) throw new Undeliverable(`this version knows no requests of ${what}`);
    const id = await this.users.idOf(email);
    const user = id === null ? null : await this.users.find(id);
    const admitted = await this.mailer.admits(email, origin.address);
    const why = admitted ? await handler(user, request) : 'too many mails to the address, or from the network';
    if (why === null) return;
    const refused = { event: 'mail_not_sent', what, request_id: origin.requestId, reason: why };
    this.logger.log(user ? { ...refused, user_id: user.id } : refused);
  }
}
