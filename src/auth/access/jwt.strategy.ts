import { Injectable } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import { Strategy } from 'passport-jwt';
import type { Principal } from '../../common/principal.js';
import { AccessTokens } from '../../tokens/access-tokens.js';

/** A request whose access token the guard has read. */
export interface TokenRequest {
  accessToken?: string;
}

/** Verifies the access token in the `Authorization` header, by the same code as everywhere else. */
@Injectable()
export class JwtStrategy extends PassportStrategy(Strategy, 'jwt') {
  constructor(private readonly tokens: AccessTokens) {
    // Passport-jwt requires both, but `authenticate` below uses neither.
    super({ jwtFromRequest: () => null, secretOrKeyProvider: (_request, _token, done) => done(new Error('no key')) });
  }

  /** Replaces the verification by `jsonwebtoken`, which accepts more than {@link AccessTokens.verify}. */
  override authenticate(request: object): void {
    this.validate(request).then(
      (principal) => this.success(principal),
      (error: unknown) => this.error(error as Error),
    );
  }

  validate({ accessToken = '' }: TokenRequest): Promise<Principal> {
    return this.tokens.verify(accessToken);
  }
}
