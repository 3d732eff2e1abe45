import { applyDecorators } from '@nestjs/common';
import { ApiExtraModels, ApiOkResponse, getSchemaPath } from '@nestjs/swagger';
import type { ApiSecuritySchemes } from '../common/api.decorators.js';
import { CookieSessionView } from './cookies/session-cookie.view.js';
import { TokenResponse } from '../sessions/token.view.js';

export const COOKIE_SECURITY: ApiSecuritySchemes = {
  cookie: {
    type: 'apiKey',
    in: 'cookie',
    name: '__Host-countersign',
    description: 'The session of a browser; `countersign` where `PUBLIC_URL` is http.',
  },
};

/** Documents an answer that is either tokens, or a cookie and its session. */
export const ApiTokensOrCookie = () =>
  applyDecorators(
    ApiExtraModels(TokenResponse, CookieSessionView),
    ApiOkResponse({
      description: 'The tokens; or, for a browser, the cookie.',
      schema: { oneOf: [{ $ref: getSchemaPath(TokenResponse) }, { $ref: getSchemaPath(CookieSessionView) }] },
      headers: {
        'Set-Cookie': {
          description: 'With a cookie alone.',
          schema: { type: 'string' },
          example: '__Host-countersign=…; Path=/; HttpOnly; SameSite=Lax; Secure; Max-Age=15552000',
        },
      },
    }),
  );
