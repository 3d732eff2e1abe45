import type { RegisteredClient } from '../../clients/client-directory.js';
import { isRegistered } from '../../clients/redirect-uri.js';
import { AppError } from '../../common/errors.js';
import type { Locale } from '../../common/locale.js';
import type { AuthorizationParametersDto } from './authorization.dto.js';
import { challengeOf } from './steps/code-challenge.js';
import { localeOf } from './steps/locale.js';
import { maxAgeOf } from './steps/max-age.js';
import { promptsOf, type Prompt } from './steps/prompt.js';
import { refuseRequestObjects } from './steps/request-object.js';
import { audiencesOf } from './steps/resource.js';
import { requireCode } from './steps/response-type.js';
import { authorizationScopesOf } from './steps/scope.js';

export type ResponseMode = 'query' | 'form_post';

/** The place to which the answer to an authorization request goes. It is trusted: the client has registered it. */
export interface AnswerTarget {
  readonly redirectUri: string;
  readonly responseMode: ResponseMode;
  readonly state: string | null;
}

/** A valid authorization request. */
export interface AuthorizationRequest extends AnswerTarget {
  readonly client: string;
  readonly scopes: readonly string[];
  readonly audiences: readonly string[];
  readonly nonce: string | null;
  /** The code challenge (RFC 7636 4.3), by S256; null where the client does not use PKCE. */
  readonly challenge: string | null;
  readonly prompts: readonly Prompt[];
  /** Seconds. */
  readonly maxAge: number | null;
  readonly loginHint: string | null;
  readonly locale: Locale | null;
}

/**
 * Returns the place for the answer. Throws `redirect_uri_unknown` for a client or a URI that is not registered: then
 * nobody is redirected (RFC 6749 4.1.2.1).
 */
export function targetOf(parameters: AuthorizationParametersDto, client: RegisteredClient | null): AnswerTarget {
  const { redirect_uri: redirectUri, response_mode: mode, state = null } = parameters;
  if (!client) throw new AppError('redirect_uri_unknown', { reason: 'client_id: no active client has it' });
  if (redirectUri === undefined || !isRegistered(redirectUri, client.redirectUris, client.applicationType)) {
    throw new AppError('redirect_uri_unknown', { reason: 'redirect_uri: the client has not registered it' });
  }
  // A mode that is not known is refused by a step; until then the answer goes by the default one.
  return { redirectUri, responseMode: mode === 'form_post' ? 'form_post' : 'query', state };
}

/** Runs the steps on the parameters of a request whose target is known. Throws the error of the first that fails. */
export function requestOf(
  parameters: AuthorizationParametersDto,
  client: RegisteredClient,
  target: AnswerTarget,
): AuthorizationRequest {
  refuseRequestObjects(parameters);
  requireCode(parameters, client);
  return {
    ...target,
    client: client.id,
    scopes: authorizationScopesOf(parameters, client),
    audiences: audiencesOf(parameters, client),
    nonce: parameters.nonce ?? null,
    challenge: challengeOf(parameters, client),
    prompts: promptsOf(parameters),
    maxAge: maxAgeOf(parameters),
    loginHint: parameters.login_hint ?? null,
    locale: localeOf(parameters),
  };
}
