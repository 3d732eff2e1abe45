import { applyDecorators } from '@nestjs/common';
import { ApiBasicAuth, ApiResponse } from '@nestjs/swagger';
import { ERRORS, type ErrorCode } from '../common/errors.js';
import { OAuthErrorView } from './oauth.view.js';

/** Documents the errors of an OAuth endpoint, besides those of client authentication, which all of them have. */
export function ApiOAuthErrors(...codes: ErrorCode[]) {
  const statuses = Map.groupBy([...codes, 'invalid_client', 'rate_limited', 'unavailable'] as ErrorCode[], (code) => {
    return ERRORS[code].status;
  });
  return applyDecorators(
    ApiBasicAuth('client'),
    ...[...statuses].map(([status, same]) =>
      ApiResponse({
        status,
        type: OAuthErrorView,
        description: same.map((code) => `\`${code}\`: ${ERRORS[code].title}.`).join('\n\n'),
      }),
    ),
  );
}
