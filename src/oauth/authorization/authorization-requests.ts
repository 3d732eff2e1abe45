import { Injectable } from '@nestjs/common';
import { ClientDirectory, type RegisteredClient } from '../../clients/client-directory.js';
import { AppError } from '../../common/errors.js';
import type { Form } from '../protocol/form-body.js';
import { parametersOf } from '../protocol/form-parameters.js';
import { requestOf, targetOf, type AnswerTarget, type AuthorizationRequest } from './authorization-request.js';
import { AuthorizationParametersDto } from './authorization.dto.js';
import { isPushed, PushedRequests } from './pushed-requests.js';

/** A request whose client and target are known. */
export interface ResolvedRequest {
  readonly client: RegisteredClient;
  readonly target: AnswerTarget;
  /** The request, or its fault, which is an answer for the client. */
  readonly request: AuthorizationRequest | AppError;
}

/** Reads authorization requests, from their parameters or from what the client has pushed. */
@Injectable()
export class AuthorizationRequests {
  constructor(
    private readonly clients: ClientDirectory,
    private readonly pushed: PushedRequests,
  ) {}

  /** Reads a request. Throws `invalid_request`, `redirect_uri_unknown`: then no client is known that could get an answer. */
  async resolve(form: Form): Promise<ResolvedRequest> {
    const parameters = parametersOf(AuthorizationParametersDto, form);
    const client = await this.clients.find(parameters.client_id);
    const { request_uri: uri } = parameters;
    if (client && uri !== undefined && isPushed(uri)) return this.resolvePushed(uri, client);
    const target = targetOf(parameters, client);
    return { client: client!, target, request: validate(parameters, client!, target) };
  }

  private async resolvePushed(uri: string, client: RegisteredClient): Promise<ResolvedRequest> {
    const request = await this.pushed.read(uri, client);
    // An administrator may have taken the address away meanwhile.
    targetOf({ client_id: client.id, redirect_uri: request.redirectUri }, client);
    return { client, target: request, request };
  }
}

function validate(
  parameters: AuthorizationParametersDto,
  client: RegisteredClient,
  target: AnswerTarget,
): AuthorizationRequest | AppError {
  if (client.requirePushedRequests) {
    return new AppError('invalid_request', { detail: 'the client has to push its requests (RFC 9126)' });
  }
  try {
    return requestOf(parameters, client, target);
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
}
