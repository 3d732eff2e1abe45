import { Injectable } from '@nestjs/common';
import { canonicalEmail } from '../common/email.js';
import { networkOf } from '../common/network.js';
import { policyOf } from '../platform/rate-limit/policy.js';
import { RateLimiter, type HeaderSink, type Limit } from '../platform/rate-limit/rate-limiter.js';

const HOUR = 3600;

// One budget for all mails that strangers can have sent to an address: each of those mails works, so nobody is locked out.
const REQUEST_ADDRESS = policyOf({ name: 'mail-request-address', counts: 'address', attempts: 5, window: HOUR });
const REQUEST_NETWORK = policyOf({ name: 'mail-request-network', counts: 'network', attempts: 30, window: HOUR });
const PROOF_NETWORK = policyOf({ name: 'mail-proof-network', counts: 'network', attempts: 50, window: 5 * 60 });

/** Limits on mails that somebody asks for without signing in, and on links and codes that are tried. */
@Injectable()
export class AccountLimits {
  constructor(private readonly limiter: RateLimiter) {}

  /** Counts a mail that is asked for, whether or not there is such an account. Throws `rate_limited`. */
  async mail(email: string, address: string, sink: HeaderSink): Promise<void> {
    await this.limiter.consumeAll(
      [
        [REQUEST_NETWORK, networkOf(address)],
        [REQUEST_ADDRESS, canonicalEmail(email)!],
      ],
      sink,
    );
  }

  /** Counts a mail that an administrator or a service has sent to an address; one that was refused is not counted. */
  async invitation<T>(email: string, send: () => Promise<T>, sink: HeaderSink): Promise<T> {
    const limits: Limit[] = [[REQUEST_ADDRESS, canonicalEmail(email)!]];
    await this.limiter.consumeAll(limits, sink);
    try {
      return await send();
    } catch (error) {
      await this.limiter.giveBackAll(limits);
      throw error;
    }
  }

  /** Counts an attempt to show a link or a code; those that fail stay counted. Throws `rate_limited`, and what it throws. */
  proof<T>(address: string, attempt: () => Promise<T>, sink: HeaderSink): Promise<T> {
    return this.limiter.attempt([[PROOF_NETWORK, networkOf(address)]], attempt, sink);
  }
}
