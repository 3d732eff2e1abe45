import { Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { AuditRefusals } from '../../audit/audit-refusals.js';
import { ClientDirectory, type RegisteredClient } from '../../clients/client-directory.js';
import { AppError } from '../../common/errors.js';
import { networkOf } from '../../common/network.js';
import { changeContextOf } from '../../platform/context/cause.decorator.js';
import { clientAddressOf } from '../../platform/http/request/client-address.js';
import { policyOf } from '../../platform/rate-limit/policy.js';
import { RateLimiter } from '../../platform/rate-limit/rate-limiter.js';
import type { ClientCredentialsDto } from '../oauth.dto.js';
import { ClientProofs } from './client-proofs.js';
import { presentedCredential } from './presented-credential.js';
import { TlsCertificates } from './tls-certificates.js';

// Only failures count. Nobody can guess 256 bits; the limit bounds the load by clients with wrong secrets.
const FAILURES = policyOf({ name: 'client-authentication', counts: 'network', attempts: 60, window: 5 * 60 });

/** Authenticates the client at OAuth endpoints (RFC 6749 2.3). */
@Injectable()
export class ClientAuthentication {
  constructor(
    private readonly clients: ClientDirectory,
    private readonly proofs: ClientProofs,
    private readonly certificates: TlsCertificates,
    private readonly limiter: RateLimiter,
    private readonly refusals: AuditRefusals,
  ) {}

  /**
   * Returns the client of a request. Throws `invalid_client`, the same for an unknown client and a wrong proof;
   * `invalid_request` where a client uses two methods; `rate_limited`; `unavailable` where the client's keys cannot be
   * fetched.
   */
  async authenticate(form: ClientCredentialsDto, request: FastifyRequest): Promise<RegisteredClient> {
    try {
      return await this.identify(form, request);
    } catch (error) {
      if (error instanceof AppError && error.code === 'invalid_client') {
        await this.limiter.consume(FAILURES, networkOf(clientAddressOf(request)));
      }
      throw error;
    }
  }

  private async identify(form: ClientCredentialsDto, request: FastifyRequest): Promise<RegisteredClient> {
    const credential = presentedCredential(form, {
      authorization: request.headers.authorization,
      certificateSubject: this.certificates.subjectOf(request),
    });
    const proof = credential && this.proofs.parse(credential);
    const client = proof && (await this.clients.find(proof.clientId));
    const isProven = proof !== null && (await this.proofs.isOf(client, proof));
    if (client && isProven) return client;
    const subject = client?.id ?? null;
    this.refusals.note({ event: 'client.authentication_failed', subject }, changeContextOf(request));
    throw new AppError('invalid_client');
  }
}
