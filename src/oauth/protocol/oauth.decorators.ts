import { applyDecorators } from '@nestjs/common';
import { ApiBasicAuth, ApiExtraModels, ApiResponse, ApiSecurity, getSchemaPath } from '@nestjs/swagger';
import { ApiErrorContent } from '../../common/api.decorators.js';
import { AppError, ERRORS, type ErrorCode } from '../../common/errors.js';
import { ConfigureRoute } from '../../platform/http/routes/route-config.js';
import { OAuthErrorView } from '../oauth.view.js';
import { OAUTH_FORM } from './form-body.js';
import { OAUTH_ERROR, oauthErrorOf } from './oauth-error.js';

/** Makes a controller read forms, and write all errors in the form of RFC 6749 5.2. */
export const OAuthEndpoint = () => ConfigureRoute({ bodyType: OAUTH_FORM, errorFormat: OAUTH_ERROR });

/** Documents the errors of an OAuth endpoint, together with those of client authentication, which all of them have. */
export function ApiOAuthErrors(...codes: ErrorCode[]) {
  return applyDecorators(
    ApiBasicAuth('client'),
    // Not every client authenticates by HTTP Basic, and not every one has a secret.
    ApiSecurity({}),
    ApiErrorsOfOAuth(...codes, 'invalid_client', 'rate_limited', 'unavailable'),
  );
}

/** Documents errors in the form of RFC 6749 5.2. */
export function ApiErrorsOfOAuth(...codes: ErrorCode[]) {
  const statuses = Map.groupBy(codes, (code) => ERRORS[code].status);
  return applyDecorators(
    ApiExtraModels(OAuthErrorView),
    ApiErrorContent({ 'application/json': { schema: { $ref: getSchemaPath(OAuthErrorView) } } }),
    ...[...statuses].map(([status, same]) =>
      ApiResponse({
        status,
        description: same.map((code) => `\`${code}\`: ${ERRORS[code].title}.`).join('\n\n'),
        content: {
          'application/json': {
            schema: { $ref: getSchemaPath(OAuthErrorView) },
            examples: Object.fromEntries(same.map((code) => [code, { value: oauthErrorOf(new AppError(code)) }])),
          },
        },
      }),
    ),
  );
}
