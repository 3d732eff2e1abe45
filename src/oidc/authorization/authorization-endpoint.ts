import { Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AppError } from '../../common/errors.js';
import { networkOf } from '../../common/network.js';
import { AuthorizationRequests } from '../../oauth/authorization/authorization-requests.js';
import type { Form } from '../../oauth/protocol/form-body.js';
import { clientAddressOf } from '../../platform/http/request/client-address.js';
import { noteRefusal } from '../../platform/http/request/request-log.js';
import { policyOf } from '../../platform/rate-limit/policy.js';
import { RateLimiter } from '../../platform/rate-limit/rate-limiter.js';
import { BrowserBinding } from '../interactions/browser-binding.js';
import { Authorizations, type AuthorizationOutcome } from './authorizations.service.js';
import { BrowserSessions } from './browser-sessions.js';

// A request stores some kilobytes for half an hour.
const REQUESTS = policyOf({ name: 'authorization-network', counts: 'network', attempts: 600, window: 5 * 60 });

/** Takes authorization requests (RFC 6749 3.1). */
@Injectable()
export class AuthorizationEndpoint {
  constructor(
    private readonly requests: AuthorizationRequests,
    private readonly authorizations: Authorizations,
    private readonly sessions: BrowserSessions,
    private readonly binding: BrowserBinding,
    private readonly limiter: RateLimiter,
  ) {}

  /**
   * Answers the request of a browser. Throws `invalid_request`, `redirect_uri_unknown`, `rate_limited`: then no client is
   * known to which an answer could go. All other faults of the request are answers for the client.
   */
  async respond(form: Form, request: FastifyRequest, reply: FastifyReply): Promise<AuthorizationOutcome> {
    await this.limiter.consume(REQUESTS, networkOf(clientAddressOf(request)));
    const { client, target, request: asked } = await this.requests.resolve(form);
    if (asked instanceof AppError) {
      noteRefusal(request, asked);
      return this.authorizations.refuse(target, asked);
    }
    const session = await this.sessions.find(request);
    return this.authorizations.begin(asked, client, session, this.binding.bind(request, reply));
  }
}
