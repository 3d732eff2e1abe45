import type { JwtModuleOptions } from '@nestjs/jwt';

/**
 * What the JWT library checks is the signature. The key decides the algorithm: the form gate admits only headers that
 * our own keys mint, so `alg` cannot disagree with the key. All claims are checked by `principalOf`.
 */
export const VERIFY_OPTIONS = {
  algorithms: ['ES256', 'RS256', 'HS256'],
  ignoreExpiration: true,
} satisfies JwtModuleOptions['verifyOptions'];
