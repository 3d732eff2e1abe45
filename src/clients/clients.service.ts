import { isDeepStrictEqual } from 'node:util';
import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { MoreThan, type Repository } from 'typeorm';
import { Clock } from '../common/clock.js';
import { AppError, invalidField } from '../common/errors.js';
import type { JwkSet } from '../jose/key-set.js';
import { countingUpTo, partOf, startOf, type PageDto, type Part } from '../common/pagination.js';
import { uuidv7 } from '../common/uuid.js';
import { Config } from '../platform/config/config.js';
import type { ChangeContext } from '../platform/context/change-context.js';
import { SsrfSafeHttpClient } from '../platform/http-client/ssrf-safe-http-client.js';
import { CLIENT_ID, hashClientSecret, newClientId, newClientSecret } from './client-credential.js';
import { ClientChanges } from './client-changes.js';
import { ClientSecret } from './client-secret.entity.js';
import { Client, type ApplicationType, type ClientStatus, type ClientType, type GrantType } from './client.entity.js';
import { faultOfApplication } from './application.js';
import { isReduced } from './reduction.js';

/** The most secrets of a client: one in use, and its replacement. */
const MAX_SECRETS = 2;

/** The settings of a client, by an administrator. */
export interface ClientSettings {
  name?: string | undefined;
  status?: ClientStatus | undefined;
  grantTypes?: GrantType[] | undefined;
  scopes?: string[] | undefined;
  audiences?: string[] | undefined;
  servedAudiences?: string[] | undefined;
  tokenTtl?: number | null | undefined;
  jwks?: JwkSet | null | undefined;
  jwksUri?: string | null | undefined;
  tlsSubjectDn?: string | null | undefined;
  applicationType?: ApplicationType | undefined;
  firstParty?: boolean | undefined;
  requirePkce?: boolean | undefined;
  requirePushedRequests?: boolean | undefined;
  redirectUris?: string[] | undefined;
  postLogoutRedirectUris?: string[] | undefined;
  backchannelLogoutUri?: string | null | undefined;
}

/** The settings of a new client. */
export interface NewClient extends ClientSettings {
  name: string;
  type?: ClientType | undefined;
}

/** A new secret, in the only moment in which it is known. */
export interface NewSecret {
  stored: ClientSecret;
  secret: string;
}

/** Administers clients. */
@Injectable()
export class ClientsService {
  constructor(
    @InjectRepository(Client) private readonly clients: Repository<Client>,
    private readonly config: Config,
    private readonly changes: ClientChanges,
    private readonly http: SsrfSafeHttpClient,
    private readonly clock: Clock,
  ) {}

  async create(settings: NewClient, cause: ChangeContext): Promise<Client> {
    const now = this.clock.date();
    // An application of others gets tokens for the claims of the person alone, unless it is registered for more.
    const ofOthers = settings.redirectUris !== undefined && !settings.firstParty;
    const client = this.clients.create({
      id: newClientId(),
      name: settings.name,
      status: settings.status ?? 'active',
      grantTypes: settings.grantTypes ?? [settings.redirectUris ? 'authorization_code' : 'client_credentials'],
      scopes: settings.scopes ?? [],
      audiences: settings.audiences ?? [ofOthers ? this.config.publicUrl : this.config.audience],
      servedAudiences: settings.servedAudiences ?? [],
      tokenTtl: settings.tokenTtl ?? null,
      jwks: settings.jwks ?? null,
      jwksUri: settings.jwksUri ?? null,
      tlsSubjectDn: settings.tlsSubjectDn ?? null,
      type: settings.type ?? 'confidential',
      applicationType: settings.applicationType ?? 'web',
      firstParty: settings.firstParty ?? false,
      requirePkce: settings.requirePkce ?? true,
      requirePushedRequests: settings.requirePushedRequests ?? false,
      redirectUris: settings.redirectUris ?? [],
      postLogoutRedirectUris: settings.postLogoutRedirectUris ?? [],
      backchannelLogoutUri: settings.backchannelLogoutUri ?? null,
      tokenEpoch: null,
      createdAt: now,
      updatedAt: now,
    });
    this.check(client);
    return this.changes.create(client, cause);
  }

  /** Throws `not_found`. */
  async get(id: string): Promise<Client> {
    const client = await this.clients.findOneBy({ id });
    if (!client) throw new AppError('not_found');
    return client;
  }

  /** Lists clients in the order of their ids. Throws `invalid_request` for a cursor that is not ours. */
  async list(page: PageDto): Promise<Part<Client>> {
    const after = startOf(page, '', CLIENT_ID);
    const { limit } = page;
    const rows = await this.clients.find({ where: { id: MoreThan(after) }, order: { id: 'ASC' }, take: limit + 1 });
    const [counted] = await this.clients.query<[{ total: number | null }]>(countingUpTo('SELECT 1 FROM clients'));
    return partOf(rows, limit, counted.total);
  }

  /**
   * Changes a client. A change that removes something refuses the current tokens of the client. Throws `not_found`,
   * `invalid_request`.
   */
  update(id: string, settings: ClientSettings, cause: ChangeContext): Promise<Client> {
    return this.changes.run(id, cause, async (before, manager) => {
      const after = { ...before, ...withoutAbsent(settings), updatedAt: this.clock.date() };
      this.check(after);
      await manager.update(Client, { id }, after as object);
      const record = { event: 'client.updated', details: { changed: changedNames(before, after) } } as const;
      return { client: after, reduces: isReduced(before, after), record };
    });
  }

  /** Throws `not_found`. */
  async delete(id: string, cause: ChangeContext): Promise<void> {
    await this.changes.run(id, cause, async (client, manager) => {
      await manager.delete(Client, { id });
      return { client, reduces: true, record: { event: 'client.deleted' } };
    });
  }

  /** Returns the secrets of a client, the oldest first. Throws `not_found`. */
  async secretsOf(id: string): Promise<ClientSecret[]> {
    await this.get(id);
    return this.clients.manager.find(ClientSecret, { where: { clientId: id }, order: { id: 'ASC' } });
  }

  /**
   * Adds a secret. `lifetime` is in seconds; null for a secret that is valid until it is deleted. Throws `not_found`,
   * `too_many_secrets`, `client_has_no_secrets`.
   */
  async addSecret(id: string, lifetime: number | null, cause: ChangeContext): Promise<NewSecret> {
    const secret = newClientSecret();
    const now = this.clock.date();
    const stored: ClientSecret = {
      id: uuidv7(now.getTime()),
      clientId: id,
      hash: hashClientSecret(secret),
      createdAt: now,
      expiresAt: lifetime === null ? null : new Date(now.getTime() + lifetime * 1000),
    };
    await this.changes.run(id, cause, async (client, manager) => {
      // RFC 6749 2.1: a public client cannot keep one.
      if (client.type === 'public') throw new AppError('client_has_no_secrets');
      await manager.query('DELETE FROM client_secrets WHERE client_id = $1 AND expires_at <= $2', [id, now]);
      if ((await manager.countBy(ClientSecret, { clientId: id })) >= MAX_SECRETS)
        throw new AppError('too_many_secrets');
      await manager.insert(ClientSecret, stored);
      const record = { event: 'client.secret_added', details: { secret: stored.id } } as const;
      return { client, reduces: false, record };
    });
    return { stored, secret };
  }

  /**
   * Lets a secret expire in `lifetime` seconds. The client's current tokens stay valid until they expire. Throws
   * `not_found`, also for a secret that has expired, which never becomes valid again.
   */
  async expireSecret(id: string, secretId: string, lifetime: number, cause: ChangeContext): Promise<ClientSecret> {
    const expiresAt = new Date(this.clock.now() + lifetime * 1000);
    const key = { id: secretId, clientId: id };
    await this.changes.run(id, cause, async (client, manager) => {
      const secret = await manager.findOneBy(ClientSecret, key);
      if (!secret) throw new AppError('not_found');
      if (secret.expiresAt && secret.expiresAt.getTime() <= this.clock.now()) {
        throw new AppError('not_found', { detail: 'the secret has expired, and stays expired: add another one' });
      }
      await manager.update(ClientSecret, key, { expiresAt });
      const details = { secret: secretId, expires_at: expiresAt };
      return { client, reduces: false, record: { event: 'client.secret_expires', details } };
    });
    return this.clients.manager.findOneByOrFail(ClientSecret, key);
  }

  /** Deletes the secret, and refuses the client's current tokens, which may come from it. Throws `not_found`. */
  async deleteSecret(id: string, secretId: string, cause: ChangeContext): Promise<void> {
    await this.changes.run(id, cause, async (client, manager) => {
      const { affected } = await manager.delete(ClientSecret, { id: secretId, clientId: id });
      if (affected !== 1) throw new AppError('not_found');
      return { client, reduces: true, record: { event: 'client.secret_deleted', details: { secret: secretId } } };
    });
  }

  private check(client: Client): void {
    const fault = faultOfApplication(client);
    if (fault) throw invalidField(fault.field, fault.code, fault.message);
    const { backchannelLogoutUri } = client;
    const unreachable = backchannelLogoutUri === null ? null : this.http.validateTarget(backchannelLogoutUri);
    if (unreachable) throw invalidField('backchannel_logout_uri', 'target', `backchannel_logout_uri ${unreachable}`);
    this.checkKeys(client);
  }

  private checkKeys({ jwks, jwksUri }: Pick<Client, 'jwks' | 'jwksUri'>): void {
    if (jwksUri === null) return;
    // RFC 7591 2.
    if (jwks !== null)
      throw invalidField(
        'jwks_uri',
        'exclusive',
        'jwks_uri and jwks exclude each other: send one of them, and null for the other',
      );
    const fault = this.http.validateTarget(jwksUri);
    if (fault) throw invalidField('jwks_uri', 'target', `jwks_uri ${fault}`);
  }
}

/** Returns the names of what differs, as the API writes them. */
function changedNames(before: Client, after: Client): string[] {
  const columns = (Object.keys(after) as (keyof Client)[]).filter((column) => column !== 'updatedAt');
  return columns
    .filter((column) => !isDeepStrictEqual(before[column], after[column]))
    .map((column) => column.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`));
}

function withoutAbsent(settings: ClientSettings): Partial<Client> {
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined));
}
