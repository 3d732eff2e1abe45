import { Injectable } from '@nestjs/common';
import { AppError } from '../../common/errors.js';
import { networkOf } from '../../common/network.js';
import { policyOf } from '../../platform/rate-limit/policy.js';
import { RateLimiter, type HeaderSink, type Limit } from '../../platform/rate-limit/rate-limiter.js';

const MINUTE = 60;
const HOUR = 3600;

// The wait doubles with every further failure, up to an hour, so that no account is locked for good.
const growingWait = { first: 30, longest: HOUR };

const LOGIN_ACCOUNT = policyOf({
  name: 'login-account',
  counts: 'address',
  attempts: 10,
  window: 15 * MINUTE,
  growingWait,
});
const LOGIN_DEVICE = policyOf({
  name: 'login-device',
  counts: 'device',
  attempts: 10,
  window: 15 * MINUTE,
  growingWait,
});
const LOGIN_NETWORK = policyOf({ name: 'login-network', counts: 'network', attempts: 50, window: 5 * MINUTE });
const REGISTER_NETWORK = policyOf({ name: 'register-network', counts: 'network', attempts: 20, window: HOUR });
const REGISTER_ACCOUNT = policyOf({ name: 'register-account', counts: 'address', attempts: 5, window: HOUR });
const PASSWORD_ACCOUNT = policyOf({
  name: 'password-account',
  counts: 'user',
  attempts: 5,
  window: 15 * MINUTE,
  growingWait,
});
const PASSWORD_NETWORK = policyOf({ name: 'password-network', counts: 'network', attempts: 50, window: 5 * MINUTE });

/** The parts of a login that the limits count by. */
export interface LoginAttempt {
  /** The canonical address, whether or not such an account exists. */
  account: string;
  address: string;
  /** The id of a device that has signed in to this account before; strangers' failures do not count against it. */
  knownDevice: string | null;
}

/**
 * Limits attempts. Every attempt is counted before its secret is tested, and removed from the count if it was honest,
 * so that only failures and attempts under way count. All methods throw `rate_limited`, and the errors of the attempt.
 */
@Injectable()
export class AttemptLimits {
  constructor(private readonly limiter: RateLimiter) {}

  login<T>({ account, address, knownDevice }: LoginAttempt, check: () => Promise<T>, sink: HeaderSink): Promise<T> {
    // Strangers in the same network cannot lock a known device out either.
    const limits: Limit[] = knownDevice
      ? [[LOGIN_DEVICE, knownDevice]]
      : [
          [LOGIN_NETWORK, networkOf(address)],
          [LOGIN_ACCOUNT, account],
        ];
    return this.limiter.attempt(limits, check, sink);
  }

  /**
   * Limits registrations. They show no secret, so that all of them count: new accounts, and attempts to find existing
   * ones.
   */
  async register<T>(account: string, address: string, create: () => Promise<T>, sink: HeaderSink): Promise<T> {
    const limits: Limit[] = [
      [REGISTER_NETWORK, networkOf(address)],
      [REGISTER_ACCOUNT, account],
    ];
    await this.limiter.consumeAll(limits, sink);
    try {
      return await create();
    } catch (error) {
      if (!(error instanceof AppError) || error.code !== 'email_taken') await this.limiter.giveBackAll(limits);
      throw error;
    }
  }

  /** Limits the checks that ask a signed-in person for the password once more. */
  password<T>(userId: string, address: string, check: () => Promise<T>, sink: HeaderSink): Promise<T> {
    const limits: Limit[] = [
      [PASSWORD_NETWORK, networkOf(address)],
      [PASSWORD_ACCOUNT, userId],
    ];
    return this.limiter.attempt(limits, check, sink);
  }
}
