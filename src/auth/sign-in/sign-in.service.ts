import { Injectable } from '@nestjs/common';
import { AppError } from '../../common/errors.js';
import type { ChangeContext } from '../../platform/context/change-context.js';
import type { Device } from '../../sessions/new-session.js';
import { hashSecret, type SessionClaim } from '../../sessions/refresh/refresh-token.js';
import { SessionTokens } from '../../sessions/session-tokens.js';
import { SessionTermination } from '../../sessions/session-termination.js';
import { SessionsService, type OpenedSession } from '../../sessions/sessions.service.js';
import type { TokenResponse } from '../../sessions/token.view.js';
import { decideSignIn, refusalOf, type ProvedUser } from './decide-sign-in.js';

/** Opens the session of a sign-in by any method, where {@link decideSignIn} allows one. */
@Injectable()
export class SignInService {
  constructor(
    private readonly sessions: SessionsService,
    private readonly termination: SessionTermination,
    private readonly tokens: SessionTokens,
  ) {}

  /**
   * Opens a session and returns its tokens. Throws the error of the decision, and `invalid_credentials` where the user
   * was disabled or the credentials have changed since they were checked.
   */
  async signIn(user: ProvedUser, device: Device): Promise<TokenResponse> {
    const { facts, claim } = await this.open(user, device);
    return this.tokens.issue(facts, claim);
  }

  /** Opens a session without tokens, and ends those that the same browser had. Throws as {@link signIn} does. */
  async replace(
    sessions: readonly SessionClaim[],
    user: ProvedUser,
    device: Device,
    cause: ChangeContext,
  ): Promise<OpenedSession> {
    const opened = await this.open(user, device);
    for (const { sessionId: id, secret } of sessions) {
      await this.termination.end(
        { id, secretHash: hashSecret(secret) },
        'logout',
        cause.by({ kind: 'user', id: user.id }),
      );
    }
    return opened;
  }

  private async open(user: ProvedUser, device: Device): Promise<OpenedSession> {
    const decision = decideSignIn(user);
    if (decision.kind !== 'session') throw refusalOf(decision);
    const { id: userId, credentialsVersion } = user;
    const { authentication } = decision;
    const opened = await this.sessions.open({ userId, credentialsVersion, authentication, device });
    if (!opened) throw new AppError('invalid_credentials');
    return opened;
  }
}
