import { Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { EntityManager } from 'typeorm';
import { ClientDirectory, type RegisteredClient } from '../../clients/client-directory.js';
import { AppError } from '../../common/errors.js';
import type { AuthorizationRequest } from '../../oauth/authorization/authorization-request.js';
import { Transactions } from '../../platform/database/transactions.js';
import { purposeOf, type OneTimeValue } from '../../platform/one-time/one-time-purpose.js';
import { OneTimeValues } from '../../platform/one-time/one-time-values.js';
import { BrowserBinding } from './browser-binding.js';

interface InteractionFacts {
  request: AuthorizationRequest;
}

const INTERACTION = purposeOf<InteractionFacts>({ name: 'interaction', lifetime: 30 * 60, codes: null });

/** The questions to a person that an authorization request has led to. */
export interface Interaction {
  readonly id: string;
  readonly request: AuthorizationRequest;
  readonly client: RegisteredClient;
  /** When the person was first asked. */
  readonly askedAt: Date;
  readonly value: OneTimeValue<object>;
}

/** Stores authorization requests while their people are asked. Each belongs to one browser, and has one end. */
@Injectable()
export class Interactions {
  constructor(
    private readonly oneTime: OneTimeValues,
    private readonly transactions: Transactions,
    private readonly clients: ClientDirectory,
    private readonly binding: BrowserBinding,
  ) {}

  /** Stores a request, for the browser with this cookie. Returns the id of the interaction. */
  begin(request: AuthorizationRequest, holder: Buffer): Promise<string> {
    return this.transactions.run(async (manager) => {
      const value = await this.oneTime.issue(
        INTERACTION,
        { subject: request.client, data: { request }, holder },
        manager,
      );
      return this.oneTime.tokenOf(INTERACTION, value.id);
    });
  }

  /** Finds an interaction of the browser that sends the request. Throws `interaction_invalid`. */
  async find(id: unknown, browser: Pick<FastifyRequest, 'headers'>): Promise<Interaction> {
    if (typeof id !== 'string') throw invalid('interaction: it is missing');
    const { value, refusal } = await this.oneTime.findByToken(INTERACTION, id, this.binding.holderOf(browser));
    if (!value) throw invalid(`interaction: ${refusal}`);
    const { request } = value.data;
    const client = await this.clients.find(request.client);
    if (!client) throw invalid('client: it is gone or disabled');
    return { id, request, client, askedAt: value.createdAt, value };
  }

  /** Ends an interaction in one transaction with `also`. Throws as {@link end} does. */
  endWith(interaction: Interaction, also: (manager: EntityManager) => Promise<void>): Promise<void> {
    return this.transactions.run(async (manager) => {
      await this.end(interaction, manager);
      await also(manager);
    });
  }

  /** Ends an interaction with the transaction of its result. Throws `interaction_invalid` where it has ended already. */
  async end({ value }: Interaction, manager: EntityManager): Promise<void> {
    if (!(await this.oneTime.consume(value, manager))) throw invalid('interaction: it has ended meanwhile');
  }
}

const invalid = (reason: string): AppError => new AppError('interaction_invalid', { reason });
