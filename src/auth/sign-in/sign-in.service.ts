import { Injectable } from '@nestjs/common';
import { Clock } from '../../common/clock.js';
import { AppError } from '../../common/errors.js';
import type { ChangeContext } from '../../platform/context/change-context.js';
import type { VerifiedUser } from '../../passwords/password-sign-in.js';
import type { Device } from '../../sessions/new-session.js';
import { hashSecret, type SessionClaim } from '../../sessions/refresh-token.js';
import { SessionTokens } from '../../sessions/session-tokens.js';
import { SessionsService, type OpenedSession } from '../../sessions/sessions.service.js';
import type { TokenResponse } from '../../sessions/token.view.js';

/** Where every sign-in method ends: a verified user gets a session and its tokens. */
@Injectable()
export class SignInService {
  constructor(
    private readonly sessions: SessionsService,
    private readonly tokens: SessionTokens,
    private readonly clock: Clock,
  ) {}

  /** Throws `invalid_credentials` where the user was disabled or their credentials changed since they were checked. */
  async signIn(user: VerifiedUser, device: Device): Promise<TokenResponse> {
    const { facts, claim } = await this.open(user, device);
    return this.tokens.respond(facts, claim);
  }

  /** A session without tokens, in place of those that the same browser had. Throws as {@link signIn} does. */
  async replace(
    sessions: readonly SessionClaim[],
    user: VerifiedUser,
    device: Device,
    cause: ChangeContext,
  ): Promise<OpenedSession> {
    const opened = await this.open(user, device);
    for (const { sessionId: id, secret } of sessions) {
      await this.sessions.end(
        { id, secretHash: hashSecret(secret) },
        'logout',
        cause.by({ kind: 'user', id: user.id }),
      );
    }
    return opened;
  }

  private async open(user: VerifiedUser, device: Device): Promise<OpenedSession> {
    const { id: userId, credentialsVersion } = user;
    const authentication = { at: this.clock.date(), methods: ['pwd'], level: 'aal1' } as const;
    const opened = await this.sessions.open({ userId, credentialsVersion, authentication, device });
    if (!opened) throw new AppError('invalid_credentials');
    return opened;
  }
}
