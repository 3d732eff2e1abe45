import { Injectable } from '@nestjs/common';
import { AuditRefusals } from '../../audit/audit-refusals.js';
import { AppError } from '../../common/errors.js';
import { networkOf } from '../../common/network.js';
import type { ChangeContext } from '../../platform/context/change-context.js';
import { policyOf } from '../../platform/rate-limit/policy.js';
import { RateLimiter, type HeaderSink, type Limit } from '../../platform/rate-limit/rate-limiter.js';

const MINUTE = 60;

const FACTOR_USER = policyOf({
  name: 'second-factor-user',
  counts: 'user',
  attempts: 5,
  window: 15 * MINUTE,
  growingWait: { first: 30, longest: 60 * MINUTE },
});
const FACTOR_NETWORK = policyOf({ name: 'second-factor-network', counts: 'network', attempts: 50, window: 5 * MINUTE });

const RECORDED = new Set(['second_factor_invalid', 'rate_limited']);

/** Limits the codes that are tried for one user, over all tickets, methods and networks, and records the wrong ones. */
@Injectable()
export class SecondFactorAttempts {
  constructor(
    private readonly limiter: RateLimiter,
    private readonly refusals: AuditRefusals,
  ) {}

  /** Counts an attempt, and only then makes it. Throws `rate_limited`, and what the attempt throws. */
  async make<T>(userId: string, attempt: () => Promise<T>, sink: HeaderSink, cause: ChangeContext): Promise<T> {
    const limits: Limit[] = [
      [FACTOR_NETWORK, networkOf(cause.address!)],
      [FACTOR_USER, userId],
    ];
    try {
      return await this.limiter.attempt(limits, attempt, sink);
    } catch (error) {
      if (error instanceof AppError && RECORDED.has(error.code))
        this.refusals.note({ event: 'second_factor.failed', subject: userId, reason: error.code }, cause);
      throw error;
    }
  }
}
