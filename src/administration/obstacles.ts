import type { PasswordState } from '../passwords/passwords.service.js';
import type { LimitState } from '../platform/rate-limit/rate-limiter.js';
import type { UserStatus } from '../users/user.entity.js';
import type { Obstacle } from './sign-in-state.view.js';

/** Returns what keeps a user from signing in with the right password, the gravest first. */
export function obstaclesOf(status: UserStatus, password: PasswordState, limits: readonly LimitState[]): Obstacle[] {
  const found: Obstacle[] = [];
  if (status === 'disabled') found.push('disabled');
  if (password === 'none') found.push('no_password');
  if (password === 'temporary') found.push('temporary_password');
  if (limits.some(({ policy, retryAfterSeconds }) => policy.name === 'login-account' && retryAfterSeconds !== null))
    found.push('rate_limited');
  return found;
}
