import { Injectable } from '@nestjs/common';
import { AuditLog } from '../audit/audit-log.js';
import { canonicalEmail } from '../common/email.js';
import { networkOf, siteOf } from '../common/network.js';
import type { ChangeContext } from '../platform/context/change-context.js';
import { policiesFor } from '../platform/rate-limit/policy.js';
import { RateLimiter, type Limit, type LimitState } from '../platform/rate-limit/rate-limiter.js';
import type { User } from '../users/user.entity.js';

const limitsBy = (counts: 'address' | 'user' | 'network' | 'site', counted: string): Limit[] =>
  policiesFor(counts).map((policy) => [policy, counted] as const);

const limitsOf = ({ id, email }: Pick<User, 'id' | 'email'>): Limit[] => [
  ...limitsBy('address', canonicalEmail(email)!),
  ...limitsBy('user', id),
];

const limitsOfNetwork = (clientAddress: string): Limit[] => [
  ...limitsBy('network', networkOf(clientAddress)),
  ...limitsBy('site', siteOf(clientAddress)),
];

/** The limits on attempts, as administrators see and clear them. Without Redis each instance counts for itself. */
@Injectable()
export class LimitsService {
  constructor(
    private readonly limiter: RateLimiter,
    private readonly audit: AuditLog,
  ) {}

  ofUser(user: Pick<User, 'id' | 'email'>): Promise<LimitState[]> {
    return this.statesOf(limitsOf(user));
  }

  ofNetwork(clientAddress: string): Promise<LimitState[]> {
    return this.statesOf(limitsOfNetwork(clientAddress));
  }

  /** Forgets all attempts of a user. */
  async clearUser(user: Pick<User, 'id' | 'email'>, cause: ChangeContext): Promise<void> {
    await this.audit.record({ event: 'limits.cleared', subject: user.id }, cause);
    await this.clear(limitsOf(user));
  }

  /** Forgets all attempts from the network of an address. */
  async clearNetwork(clientAddress: string, cause: ChangeContext): Promise<void> {
    const network = networkOf(clientAddress);
    await this.audit.record({ event: 'limits.cleared', subject: null, details: { network } }, cause);
    await this.clear(limitsOfNetwork(clientAddress));
  }

  private statesOf(limits: readonly Limit[]): Promise<LimitState[]> {
    return Promise.all(limits.map((limit) => this.limiter.stateOf(...limit)));
  }

  private async clear(limits: readonly Limit[]): Promise<void> {
    await Promise.all(limits.map((limit) => this.limiter.reset(...limit)));
  }
}
