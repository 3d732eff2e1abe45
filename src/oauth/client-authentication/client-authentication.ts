import { Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { matchesSecret } from '../../clients/client-credential.js';
import { ClientDirectory, type RegisteredClient } from '../../clients/client-directory.js';
import { Clock } from '../../common/clock.js';
import { AppError } from '../../common/errors.js';
import { networkOf } from '../../common/network.js';
import { clientAddressOf } from '../../platform/http/client-address.js';
import { RateLimiter, type Policy } from '../../platform/rate-limit/rate-limiter.js';
import type { ClientCredentialsDto } from '../oauth.dto.js';
import { basicCredentialsOf, type PresentedSecret } from './basic-credentials.js';

// Only failures count: nobody guesses 256 bits, and whoever knows them has no failures. This keeps the noise down.
const FAILURES: Policy = { name: 'client-authentication', attempts: 60, window: 5 * 60 };

/** Who asks at an OAuth endpoint (RFC 6749 2.3). */
@Injectable()
export class ClientAuthentication {
  constructor(
    private readonly clients: ClientDirectory,
    private readonly limiter: RateLimiter,
    private readonly clock: Clock,
  ) {}

  /** Throws `invalid_client`, `invalid_request` where a client tries in two ways, `rate_limited`. */
  async authenticate(parameters: ClientCredentialsDto, request: FastifyRequest): Promise<RegisteredClient> {
    const presented = presentedSecret(parameters, request.headers.authorization);
    const client = presented && (await this.clients.find(presented.clientId));
    if (client && matchesSecret(presented.secret, client.secrets, this.clock.now())) return client;
    await this.limiter.consume(FAILURES, networkOf(clientAddressOf(request)));
    throw new AppError('invalid_client');
  }
}

function presentedSecret(parameters: ClientCredentialsDto, authorization: string | undefined): PresentedSecret | null {
  const { client_id: clientId, client_secret: secret } = parameters;
  if (authorization !== undefined) {
    const basic = basicCredentialsOf(authorization);
    // RFC 6749 2.3: in no more than one way, and for one client.
    if (secret !== undefined || (basic && clientId !== undefined && clientId !== basic.clientId)) {
      throw new AppError('invalid_request', { detail: 'a client authenticates in one way' });
    }
    return basic;
  }
  return clientId !== undefined && secret !== undefined ? { clientId, secret } : null;
}
