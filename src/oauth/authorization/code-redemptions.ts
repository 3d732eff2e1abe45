import { Injectable, Logger } from '@nestjs/common';
import type { RegisteredClient } from '../../clients/client-directory.js';
import { AppError } from '../../common/errors.js';
import { shortUuid } from '../../common/uuid.js';
import type { ChangeContext } from '../../platform/context/change-context.js';
import type { OneTimeValue } from '../../platform/one-time/one-time-purpose.js';
import { OneTimeValues } from '../../platform/one-time/one-time-values.js';
import type { Device } from '../../sessions/new-session.js';
import { SessionTermination } from '../../sessions/session-termination.js';
import { SessionsService, type OpenedSession } from '../../sessions/sessions.service.js';
import { AUTHORIZATION_CODE, type CodeFacts } from './authorization-codes.js';
import { faultOfRedemption, type Redemption } from './redemption.js';

/** Redeems authorization codes: each opens one session, under that of the browser. */
@Injectable()
export class CodeRedemptions {
  private readonly logger = new Logger(CodeRedemptions.name);

  constructor(
    private readonly oneTime: OneTimeValues,
    private readonly sessions: SessionsService,
    private readonly termination: SessionTermination,
  ) {}

  /** Finds a code that the client may redeem. Throws `invalid_grant`. */
  async find(
    code: string,
    client: RegisteredClient,
    redemption: Redemption,
    cause: ChangeContext,
  ): Promise<OneTimeValue<CodeFacts>> {
    const { value, refusal } = await this.oneTime.findByToken(AUTHORIZATION_CODE, code);
    if (refusal === 'used') await this.endSessionOf(code, client.id, cause);
    if (!value) throw new AppError('invalid_grant', { reason: `code: ${refusal}` });
    const reason = faultOfRedemption(value.data, client, redemption);
    if (reason) throw new AppError('invalid_grant', { reason });
    return value;
  }

  /** Uses a code up and opens its session, by one statement. Throws `invalid_grant` where another request was first. */
  async redeem(
    code: string,
    { id, subject: userId, data }: OneTimeValue<CodeFacts>,
    { device, notBefore }: { device: Device; notBefore: number },
    cause: ChangeContext,
  ): Promise<OpenedSession> {
    const { client, scopes, audiences, parent: parentId } = data;
    const opened = await this.sessions.open({
      userId,
      parentId,
      client: { id: client, scopes, audiences, notBefore },
      device,
      uses: { id, purpose: AUTHORIZATION_CODE.name },
    });
    if (opened) return opened;
    await this.endSessionOf(code, client, cause);
    throw new AppError('invalid_grant', { reason: 'code: used meanwhile, or the session of the browser has ended' });
  }

  /**
   * Ends the session that a code has opened, because somebody has the code for a second time: one of the two is a thief
   * (RFC 6749 4.1.2).
   */
  private async endSessionOf(code: string, client: string, cause: ChangeContext): Promise<void> {
    const used = await this.oneTime.usedDataOf(AUTHORIZATION_CODE, code);
    // Another client that shows the code is a thief without the tokens, and must not end anything.
    if (!used?.session || used.client !== client) return;
    const { sessions } = await this.termination.end({ id: used.session }, 'code_replayed', cause);
    if (sessions > 0) this.logger.warn({ event: 'code_replayed', client, session: shortUuid(used.session) });
  }
}
