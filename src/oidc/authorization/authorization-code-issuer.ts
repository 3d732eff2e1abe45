import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { AUTHORIZATION_CODE, type CodeFacts } from '../../oauth/authorization/authorization-codes.js';
import type { AuthorizationRequest } from '../../oauth/authorization/authorization-request.js';
import { Transactions } from '../../platform/database/transactions.js';
import { OneTimeValues } from '../../platform/one-time/one-time-values.js';
import type { BrowserSession } from './browser-sessions.js';

type With = (manager: EntityManager) => Promise<void>;

/** Issues authorization codes. */
@Injectable()
export class AuthorizationCodeIssuer {
  constructor(
    private readonly oneTime: OneTimeValues,
    private readonly transactions: Transactions,
  ) {}

  /** Returns a code for the person of this session, stored in one transaction with `also`. */
  issue(request: AuthorizationRequest, { id: parent, userId }: BrowserSession, also?: With): Promise<string> {
    const { client, redirectUri, challenge, nonce, scopes, audiences } = request;
    const data: CodeFacts = { client, redirectUri, challenge, nonce, scopes, audiences, parent };
    return this.transactions.run(async (manager) => {
      await also?.(manager);
      const { id } = await this.oneTime.issue(AUTHORIZATION_CODE, { subject: userId, data }, manager);
      return this.oneTime.tokenOf(AUTHORIZATION_CODE, id);
    });
  }
}
