import { Injectable, Logger } from '@nestjs/common';
import { AuditLog } from '../../audit/audit-log.js';
import { AppError } from '../../common/errors.js';
import { siteOf } from '../../common/network.js';
import { Config } from '../../platform/config/config.js';
import type { ChangeContext } from '../../platform/context/change-context.js';
import { policyOf, type Policy } from '../../platform/rate-limit/policy.js';
import { RateLimiter } from '../../platform/rate-limit/rate-limiter.js';
import type { LoginAttempt } from './attempt-limits.js';

const HOUR = 3600;

/** The accounts of a site that were refused, each counted once an hour. Beyond them the site waits. */
const SITE = policyOf({
  name: 'login-spray',
  counts: 'site',
  attempts: 100,
  window: HOUR,
  growingWait: { first: 60, longest: HOUR },
});
/** Remembers that an account is counted. */
const COUNTED: Policy = { name: 'login-spray-account', counts: 'address', attempts: 1, window: HOUR };
const EVERYWHERE = 'everywhere';

/**
 * Finds who tries a password or a few on very many accounts, which the limit of each account does not see. It counts accounts
 * that were refused, and knows nothing of passwords.
 */
@Injectable()
export class Spraying {
  private readonly logger = new Logger(Spraying.name);
  /** All networks together: nobody waits, but the operator is told once an hour. */
  private readonly everywhere: Policy;

  constructor(
    private readonly limiter: RateLimiter,
    private readonly log: AuditLog,
    private readonly config: Config,
  ) {
    const wait = { first: HOUR, longest: HOUR };
    const attempts = config.signInFailureAlarm;
    this.everywhere = { name: 'login-spray-all', counts: 'site', attempts, window: HOUR, growingWait: wait };
  }

  /** Makes a login, unless its site has to wait: then it throws `rate_limited`. Known devices never wait for others. */
  async watch<T>(attempt: LoginAttempt, login: () => Promise<T>, cause: ChangeContext): Promise<T> {
    if (attempt.knownDevice !== null) return login();
    const site = siteOf(attempt.address);
    const wait = await this.limiter.waitOf(SITE, site);
    if (wait !== null) throw new AppError('rate_limited', { retryAfterSeconds: wait });
    try {
      const made = await login();
      await this.forgive(attempt.account, site);
      return made;
    } catch (error) {
      if (error instanceof AppError && error.code === 'invalid_credentials') await this.count(attempt, site, cause);
      throw error;
    }
  }

  private async count({ account }: LoginAttempt, site: string, cause: ChangeContext): Promise<void> {
    if (await this.isOver(SITE, site, account)) await this.alarm('network', site, cause);
    if (this.config.signInFailureAlarm === 0) return;
    if (await this.isOver(this.everywhere, EVERYWHERE, account)) await this.alarm('all_networks', null, cause);
  }

  /** Counts an account once, and tells whether it is the one too many. */
  private async isOver(policy: Policy, counted: string, account: string): Promise<boolean> {
    if ((await this.limiter.waitOf(policy, counted)) !== null) return false;
    if (!(await this.isAccepted(COUNTED, `${counted} ${account}`))) return false;
    return !(await this.isAccepted(policy, counted));
  }

  private async isAccepted(policy: Policy, counted: string): Promise<boolean> {
    try {
      await this.limiter.consume(policy, counted);
      return true;
    } catch (error) {
      if (error instanceof AppError && error.code === 'rate_limited') return false;
      throw error;
    }
  }

  /** A person who mistyped and then got in is no longer counted. */
  private async forgive(account: string, site: string): Promise<void> {
    for (const [policy, counted] of [[SITE, site] as const, [this.everywhere, EVERYWHERE] as const]) {
      const key = `${counted} ${account}`;
      if ((await this.limiter.stateOf(COUNTED, key)).attempts === 0) continue;
      await this.limiter.reset(COUNTED, key);
      if ((await this.limiter.waitOf(policy, counted)) === null) await this.limiter.giveBack(policy, counted);
    }
  }

  private async alarm(reason: 'network' | 'all_networks', network: string | null, cause: ChangeContext): Promise<void> {
    this.logger.warn({ event: 'sign_in_spraying', reason, network });
    // Refusals of an attack are counted together, in which this would get lost.
    await this.log.record({ event: 'sign_in.spraying', subject: null, reason, details: { network } }, cause);
  }
}
