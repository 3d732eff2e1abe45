import { Injectable } from '@nestjs/common';
import type { RegisteredClient } from '../../clients/client-directory.js';
import { AppError } from '../../common/errors.js';
import { Transactions } from '../../platform/database/transactions.js';
import { purposeOf } from '../../platform/one-time/one-time-purpose.js';
import { OneTimeValues } from '../../platform/one-time/one-time-values.js';
import type { AuthorizationRequest } from './authorization-request.js';

interface PushedFacts {
  request: AuthorizationRequest;
}

/** RFC 9126 2.2: 5 to 600 seconds. The browser follows at once. */
export const PUSHED_REQUEST = purposeOf<PushedFacts>({ name: 'pushed_request', lifetime: 90, codes: null });

// RFC 9126 2.2.
const PREFIX = 'urn:ietf:params:oauth:request_uri:';

export const isPushed = (requestUri: string): boolean => requestUri.startsWith(PREFIX);

/** Stores authorization requests that clients push (RFC 9126), so that the browser carries only a reference. */
@Injectable()
export class PushedRequests {
  constructor(
    private readonly oneTime: OneTimeValues,
    private readonly transactions: Transactions,
  ) {}

  /** Stores a valid request of a client. Returns its `request_uri`. */
  push(request: AuthorizationRequest): Promise<string> {
    return this.transactions.run(async (manager) => {
      const issued = { subject: request.client, data: { request } };
      const { id } = await this.oneTime.issue(PUSHED_REQUEST, issued, manager);
      return PREFIX + this.oneTime.tokenOf(PUSHED_REQUEST, id);
    });
  }

  /**
   * Returns the request of a reference, for the client that has pushed it. Reading does not use it up, because a person may
   * load the page again (RFC 9126 4). Throws `redirect_uri_unknown`: without the request nobody can be redirected.
   */
  async read(requestUri: string, client: RegisteredClient): Promise<AuthorizationRequest> {
    const { value, refusal } = await this.oneTime.findByToken(PUSHED_REQUEST, requestUri.slice(PREFIX.length));
    const reason = value ? 'request_uri: another client has pushed it' : `request_uri: ${refusal}`;
    if (value?.data.request.client !== client.id) throw new AppError('redirect_uri_unknown', { reason });
    return value.data.request;
  }
}
