import type { KeyObject } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { AuditRefusals } from '../../audit/audit-refusals.js';
import type { AuditEventName } from '../../common/audit-events.js';
import { deriveKey, truncatedMac } from '../../common/crypto.js';
import { AppError } from '../../common/errors.js';
import { Config } from '../../platform/config/config.js';
import type { ChangeContext } from '../../platform/context/change-context.js';
import type { HeaderSink } from '../../platform/rate-limit/rate-limiter.js';
import { CredentialsRefused } from '../password/credentials-refused.js';
import { AttemptLimits, type LoginAttempt } from './attempt-limits.js';
import { Spraying } from './spraying.js';

/** An attempt as the audit log knows it: a person by the id, an address by a keyed hash, so that it can be followed. */
interface Attempted {
  readonly event: AuditEventName;
  readonly userId?: string;
  readonly account?: string;
}

const RECORDED = new Set(['wrong_password', 'rate_limited', 'email_taken', 'invalid_dpop_proof']);

/** Attempts within their limits ({@link AttemptLimits}), of which the audit log learns those that are refused. */
@Injectable()
export class RecordedAttempts {
  private readonly key: KeyObject;

  constructor(
    private readonly limits: AttemptLimits,
    private readonly spraying: Spraying,
    private readonly refusals: AuditRefusals,
    config: Config,
  ) {
    this.key = deriveKey(config.secretKey, 'audit-accounts');
  }

  login<T>(attempt: LoginAttempt, check: () => Promise<T>, sink: HeaderSink, cause: ChangeContext): Promise<T> {
    const attempted = { event: 'sign_in.failed', account: attempt.account } as const;
    return this.recorded(attempted, cause, () =>
      this.spraying.watch(attempt, () => this.limits.login(attempt, check, sink), cause),
    );
  }

  register<T>(account: string, create: () => Promise<T>, sink: HeaderSink, cause: ChangeContext): Promise<T> {
    const attempted = { event: 'registration.failed', account } as const;
    return this.recorded(attempted, cause, () => this.limits.register(account, cause.address!, create, sink));
  }

  password<T>(userId: string, check: () => Promise<T>, sink: HeaderSink, cause: ChangeContext): Promise<T> {
    const attempted = { event: 'password_check.failed', userId } as const;
    return this.recorded(attempted, cause, () => this.limits.password(userId, cause.address!, check, sink));
  }

  private async recorded<T>(attempted: Attempted, cause: ChangeContext, attempt: () => Promise<T>): Promise<T> {
    try {
      return await attempt();
    } catch (error) {
      if (error instanceof AppError) this.note(attempted, error, cause);
      throw error;
    }
  }

  private note({ event, userId, account }: Attempted, error: AppError, cause: ChangeContext): void {
    const refused = error instanceof CredentialsRefused ? error : null;
    if (!refused && !RECORDED.has(error.code)) return;
    const subject = userId ?? refused?.userId ?? null;
    const details = account === undefined ? {} : { account: truncatedMac(this.key, account).toString('base64url') };
    this.refusals.note({ event, subject, reason: refused?.why ?? error.code, details }, cause);
  }
}
