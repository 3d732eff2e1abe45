import { Injectable } from '@nestjs/common';
import { AuthGuard } from '@nestjs/passport';
import { JwtStrategy } from './jwt.strategy.js';
import { askingStrategy } from './own-strategy.js';

/** Lets the {@link JwtStrategy} verify the access token of a request. */
@Injectable()
export class JwtAuthGuard extends AuthGuard() {
  constructor(strategy: JwtStrategy) {
    super(askingStrategy(strategy));
  }
}
