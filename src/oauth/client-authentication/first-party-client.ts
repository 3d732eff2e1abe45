import { Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { Config } from '../../platform/config/config.js';
import type { ClientCredentialsDto } from '../oauth.dto.js';

/** The first-party client: it runs on people's devices, so it has no secret and cannot prove who it is (RFC 6749 2.1). */
@Injectable()
export class FirstPartyClient {
  constructor(private readonly config: Config) {}

  get id(): string {
    return this.config.clientId;
  }

  /** Whether a request names it, and nobody tries to authenticate. */
  isNamedBy(form: ClientCredentialsDto, request: FastifyRequest): boolean {
    return form.client_id === this.id && !hasCredentials(form, request);
  }
}

/** Whether a request says anything by which a client could prove who it is. */
export const hasCredentials = (
  { client_secret: secret, client_assertion: assertion }: ClientCredentialsDto,
  { headers: { authorization } }: FastifyRequest,
): boolean => [secret, assertion, authorization].some((credential) => credential !== undefined);
