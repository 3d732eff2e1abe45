import { Injectable } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import type { FastifyRequest } from 'fastify';
import { Strategy, type StrategyOptionsWithRequest } from 'passport-jwt';
import type { Principal } from '../common/principal.js';
import { AccessTokens } from '../tokens/access-tokens.js';
import { VERIFY_OPTIONS } from '../tokens/verify-options.js';
import { accessTokenOf } from '../tokens/bearer.js';

/** An access token in the `Authorization` header: form gate and key, then the signature, then the claims. */
@Injectable()
export class JwtStrategy extends PassportStrategy(Strategy, 'jwt') {
  constructor(private readonly tokens: AccessTokens) {
    const options = {
      jwtFromRequest: (request: unknown) => accessTokenOf(request as FastifyRequest),
      secretOrKeyProvider: (_request: unknown, token: string, done: (error: unknown, key?: unknown) => void) => {
        tokens.keyFor(token).then((key) => done(null, key), done);
      },
      passReqToCallback: true,
      ...VERIFY_OPTIONS,
    };
    super(options as unknown as StrategyOptionsWithRequest);
  }

  validate(request: FastifyRequest, claims: unknown): Principal {
    return this.tokens.accept(accessTokenOf(request)!, claims);
  }
}
