import { Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { Config } from '../../platform/config/config.js';
import type { ClientCredentialsDto } from '../oauth.dto.js';

/** The first-party client: it runs on people's devices, so it has no secret and cannot authenticate (RFC 6749 2.1). */
@Injectable()
export class FirstPartyClient {
  constructor(private readonly config: Config) {}

  get id(): string {
    return this.config.clientId;
  }

  /** Tells whether a request names it, and has no credentials. */
  isNamedBy(form: ClientCredentialsDto, request: FastifyRequest): boolean {
    return form.client_id === this.id && !hasCredentials(form, request);
  }
}

/** Tells whether a request has any credentials of a client. */
export const hasCredentials = (
  { client_secret: secret, client_assertion: assertion }: ClientCredentialsDto,
  { headers: { authorization } }: FastifyRequest,
): boolean => [secret, assertion, authorization].some((credential) => credential !== undefined);
