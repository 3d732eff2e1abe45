import { Injectable, type ExecutionContext } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { RECENT_SIGN_IN_SECONDS } from '../../common/access.decorators.js';
import { Clock } from '../../common/clock.js';
import { AppError } from '../../common/errors.js';
import { isPerson, type Person, type Principal } from '../../common/principal.js';
import { parseShortUuid, timeOfUuidv7 } from '../../common/uuid.js';
import { PasswordsService } from '../../passwords/passwords.service.js';
import { Config } from '../../platform/config/config.js';
import { changeContextOf } from '../../platform/context/cause.decorator.js';
import { RecordedAttempts } from '../sign-in/recorded-attempts.js';

/** Checks that a person has signed in a moment ago, or knows the password of the account (RFC 9470). */
@Injectable()
export class RecentSignInCheck {
  constructor(
    private readonly passwords: PasswordsService,
    private readonly attempts: RecordedAttempts,
    private readonly clock: Clock,
    private readonly config: Config,
  ) {}

  /**
   * Checks the caller of a request. Throws `insufficient_user_authentication`, `wrong_password`, `rate_limited`,
   * `overloaded`.
   */
  async require(context: ExecutionContext): Promise<true> {
    const http = context.switchToHttp();
    const request = http.getRequest<FastifyRequest & { user: Principal }>();
    const { user: principal } = request;
    if (!isPerson(principal)) throw new AppError('forbidden', { reason: 'a person: the token is of no session' });
    const { current_password: password } = (request.body ?? {}) as Record<string, unknown>;
    if (typeof password === 'string') {
      const confirm = () => this.passwords.confirm(principal.subject, password);
      const reply = http.getResponse<FastifyReply>();
      await this.attempts.password(principal.subject, confirm, reply, changeContextOf(request));
      return true;
    }
    const age = (this.clock.now() - this.signedInAt(principal)) / 1000;
    // The comparison is also false where the time is not known.
    if (age <= RECENT_SIGN_IN_SECONDS) return true;
    const reason = `sign-in: at most ${RECENT_SIGN_IN_SECONDS} s ago was expected, ${Math.round(age)} s ago was found`;
    throw new AppError('insufficient_user_authentication', { reason });
  }

  // The session of another application may be opened long after the sign-in, under that of the browser.
  private signedInAt({ session, client }: Person): number {
    return client === this.config.clientId ? openedAt(session) : Number.NaN;
  }
}

// The id of a session states when it was opened; refreshing does not change it.
function openedAt(session: string): number {
  const id = parseShortUuid(session);
  return id === null ? Number.NaN : timeOfUuidv7(id);
}
