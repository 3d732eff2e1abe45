import { Injectable } from '@nestjs/common';
import { AppError } from '../common/errors.js';
import type { VerifiedUser } from '../passwords/passwords.service.js';
import { SessionTokens } from '../sessions/session-tokens.js';
import { SessionsService, type Device } from '../sessions/sessions.service.js';
import type { TokenResponse } from '../sessions/token.view.js';

/** Where every sign-in method ends: a verified user gets a session and its tokens. */
@Injectable()
export class SignInService {
  constructor(
    private readonly sessions: SessionsService,
    private readonly tokens: SessionTokens,
  ) {}

  /** Throws `invalid_credentials` where the user was disabled or their credentials changed since they were checked. */
  async signIn(user: VerifiedUser, device: Device): Promise<TokenResponse> {
    const opened = await this.sessions.open(user.id, user.credentialsVersion, device);
    if (!opened) throw new AppError('invalid_credentials');
    return this.tokens.respond(opened.facts, opened.claim);
  }
}
