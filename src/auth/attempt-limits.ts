import { Injectable } from '@nestjs/common';
import { AppError } from '../common/errors.js';
import { networkOf } from '../common/network.js';
import { RateLimiter, type HeaderSink, type Policy } from '../platform/rate-limit/rate-limiter.js';

const MINUTE = 60;
const HOUR = 3600;

// The wait doubles with every further failure, up to an hour; nobody is ever locked out for good.
const growingWait = { first: 30, longest: HOUR };

const LOGIN_ACCOUNT: Policy = { name: 'login-account', attempts: 10, window: 15 * MINUTE, growingWait };
const LOGIN_DEVICE: Policy = { name: 'login-device', attempts: 10, window: 15 * MINUTE, growingWait };
const LOGIN_NETWORK: Policy = { name: 'login-network', attempts: 50, window: 5 * MINUTE };
const REGISTER_NETWORK: Policy = { name: 'register-network', attempts: 20, window: HOUR };
const REGISTER_ACCOUNT: Policy = { name: 'register-account', attempts: 5, window: HOUR };
const PASSWORD_ACCOUNT: Policy = { name: 'password-account', attempts: 5, window: 15 * MINUTE, growingWait };
const PASSWORD_NETWORK: Policy = { name: 'password-network', attempts: 50, window: 5 * MINUTE };

/** Whether an attempt was judged: a fault of form, being too busy or a database that is away is no judgement. */
export const wasJudged = (error: unknown): boolean =>
  error instanceof AppError && error.status < 500 && error.code !== 'invalid_request';

/** A login as the limits see it. */
export interface LoginAttempt {
  /** The canonical address, whether or not there is such an account. */
  account: string;
  address: string;
  /** The id of a device that has signed in to this account before; strangers' failures do not count against it. */
  knownDevice: string | null;
}

/**
 * What may be tried how often. Every attempt is counted before its secret is tested, and given back if it was honest: what
 * adds up is failures, and what is in flight. All throw `rate_limited`.
 */
@Injectable()
export class AttemptLimits {
  constructor(private readonly limiter: RateLimiter) {}

  async login(attempt: LoginAttempt, sink: HeaderSink): Promise<void> {
    // Not even strangers in the same network shut a known device out.
    if (!attempt.knownDevice) await this.limiter.consume(LOGIN_NETWORK, networkOf(attempt.address), sink);
    const [policy, key] = loginBucket(attempt);
    await this.limiter.consume(policy, key, sink);
  }

  async loginSucceeded(attempt: LoginAttempt): Promise<void> {
    const [policy, key] = loginBucket(attempt);
    if (!attempt.knownDevice) await this.limiter.giveBack(LOGIN_NETWORK, networkOf(attempt.address));
    await this.limiter.reset(policy, key);
  }

  /** The password was not tested after all: too busy, or the database is away. */
  async loginUntested(attempt: LoginAttempt): Promise<void> {
    const [policy, key] = loginBucket(attempt);
    if (!attempt.knownDevice) await this.limiter.giveBack(LOGIN_NETWORK, networkOf(attempt.address));
    await this.limiter.giveBack(policy, key);
  }

  async register(account: string, address: string, sink: HeaderSink): Promise<void> {
    await this.limiter.consume(REGISTER_NETWORK, networkOf(address), sink);
    await this.limiter.consume(REGISTER_ACCOUNT, account, sink);
  }

  /** The account was not created, and the caller is not to blame. */
  async registerUntested(account: string, address: string): Promise<void> {
    await this.limiter.giveBack(REGISTER_NETWORK, networkOf(address));
    await this.limiter.giveBack(REGISTER_ACCOUNT, account);
  }

  async passwordChange(userId: string, address: string, sink: HeaderSink): Promise<void> {
    await this.limiter.consume(PASSWORD_NETWORK, networkOf(address), sink);
    await this.limiter.consume(PASSWORD_ACCOUNT, userId, sink);
  }

  async passwordChangeSucceeded(userId: string, address: string): Promise<void> {
    await this.limiter.giveBack(PASSWORD_NETWORK, networkOf(address));
    await this.limiter.reset(PASSWORD_ACCOUNT, userId);
  }
}

const loginBucket = ({ account, knownDevice }: LoginAttempt): [Policy, string] =>
  knownDevice ? [LOGIN_DEVICE, knownDevice] : [LOGIN_ACCOUNT, account];
