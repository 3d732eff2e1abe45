import { AppError } from '../../../common/errors.js';
import type { AuthorizationParametersDto } from '../authorization.dto.js';

/** Refuses requests whose parameters are in a JWT (OpenID Connect Core 1.0 6), before any parameter counts. */
export function refuseRequestObjects({ request, request_uri: uri }: AuthorizationParametersDto): void {
  if (request !== undefined) throw new AppError('request_not_supported');
  // A URI of a stranger's choice is not fetched.
  if (uri !== undefined) throw new AppError('request_uri_not_supported');
}
