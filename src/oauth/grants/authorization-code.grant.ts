import { Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { ClientDirectory } from '../../clients/client-directory.js';
import { AppError } from '../../common/errors.js';
import { changeContextOf } from '../../platform/context/cause.decorator.js';
import { clientAddressOf } from '../../platform/http/request/client-address.js';
import type { TokenResponse } from '../../sessions/token.view.js';
import { ClientAuthentication } from '../client-authentication/client-authentication.js';
import { ClientSessionTokens } from '../client-session-tokens.js';
import { CodeRedemptions } from '../authorization/code-redemptions.js';
import type { Grant, ProveKey } from '../grant.js';
import type { TokenRequestDto } from '../oauth.dto.js';

/** Opens the session of an application, for a code of the authorization endpoint (RFC 6749 4.1.3). */
@Injectable()
export class AuthorizationCodeGrant implements Grant {
  readonly type = 'authorization_code';

  constructor(
    private readonly authentication: ClientAuthentication,
    private readonly clients: ClientDirectory,
    private readonly redemptions: CodeRedemptions,
    private readonly tokens: ClientSessionTokens,
  ) {}

  async respond(parameters: TokenRequestDto, request: FastifyRequest, proveKey: ProveKey): Promise<TokenResponse> {
    const client = await this.authentication.authenticate(parameters, request);
    if (!client.grantTypes.includes(this.type)) throw new AppError('unauthorized_client');
    const { code, redirect_uri: redirectUri, code_verifier: verifier } = parameters;
    if (code === undefined) throw new AppError('invalid_request', { detail: 'code is missing' });
    if (redirectUri === undefined) throw new AppError('invalid_request', { detail: 'redirect_uri is missing' });
    const cause = changeContextOf(request).by({ kind: 'client', id: client.id });
    const found = await this.redemptions.find(code, client, { redirectUri, verifier }, cause);
    const device = { ...deviceOf(request), keyThumbprint: await proveKey() };
    const notBefore = this.clients.earliestIssueTime(client);
    const opened = await this.redemptions.redeem(code, found, { device, notBefore }, cause);
    return this.tokens.issue(opened, client, found.data.nonce);
  }
}

const deviceOf = (request: FastifyRequest) => ({
  userAgent: request.headers['user-agent'] ?? null,
  address: clientAddressOf(request),
  requestId: request.id,
});
