import { ApiProperty } from '@nestjs/swagger';
import type { LimitState } from '../platform/rate-limit/rate-limiter.js';

/** A limit on attempts, and what it counts at the moment. */
export class LimitView {
  /** As in the `RateLimit` headers. */
  @ApiProperty({ example: 'login-account' })
  name: string;

  /** Attempts that are counted: those that have failed, and those under way. */
  @ApiProperty({ type: 'integer', example: 10 })
  attempts: number;

  /** Attempts within the window. */
  @ApiProperty({ type: 'integer', example: 10 })
  allowed: number;

  /** Seconds. */
  @ApiProperty({ type: 'integer', example: 900 })
  window: number;

  /** Seconds until another attempt is admitted; null where one is admitted now. */
  @ApiProperty({ type: 'integer', nullable: true, example: 30 })
  retry_after: number | null;

  static of({ policy, attempts, retryAfterSeconds }: LimitState): LimitView {
    const { name, attempts: allowed, window } = policy;
    return { name, attempts, allowed, window, retry_after: retryAfterSeconds };
  }
}

export class LimitsView {
  items: LimitView[];
}
