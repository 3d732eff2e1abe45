import type { RegisteredClient } from '../../../clients/client-directory.js';
import { AppError } from '../../../common/errors.js';
import type { AuthorizationParametersDto } from '../authorization.dto.js';

const MODES = new Set(['query', 'form_post']);

/**
 * Requires the authorization code flow. Throws `invalid_request`, `unsupported_response_type`, and `unauthorized_client`
 * for a client that may not use it.
 */
export function requireCode(
  { response_type: type, response_mode: mode }: AuthorizationParametersDto,
  { grantTypes }: Pick<RegisteredClient, 'grantTypes'>,
): void {
  if (type === undefined) throw new AppError('invalid_request', { detail: 'response_type is missing' });
  if (type !== 'code') throw new AppError('unsupported_response_type');
  if (mode !== undefined && !MODES.has(mode)) {
    throw new AppError('invalid_request', { detail: 'response_mode must be query or form_post' });
  }
  if (!grantTypes.includes('authorization_code')) throw new AppError('unauthorized_client');
}
