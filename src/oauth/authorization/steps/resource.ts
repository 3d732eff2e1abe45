import type { RegisteredClient } from '../../../clients/client-directory.js';
import { narrowAudiences } from '../../narrowing.js';
import type { AuthorizationParametersDto } from '../authorization.dto.js';

/** Returns the audiences of the access token (RFC 8707 2). Throws `invalid_target`. */
export const audiencesOf = (
  { resource }: AuthorizationParametersDto,
  { audiences }: Pick<RegisteredClient, 'audiences'>,
): readonly string[] => narrowAudiences({ resource }, audiences);
