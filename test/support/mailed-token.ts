import type { OneTimePurpose } from '../../src/platform/one-time/one-time-purpose.js';
import { OneTimeValues } from '../../src/platform/one-time/one-time-values.js';
import type { User } from '../../src/users/user.entity.js';
import type { TestApp } from './create-app.js';

/** Issues a one-time value to a user, and returns the token that a mail would carry. */
export async function mailedToken<D extends object>(
  { app, dataSource }: TestApp,
  purpose: OneTimePurpose<D>,
  user: User,
): Promise<string> {
  const values = app.get(OneTimeValues);
  const data = { credentialsVersion: user.credentialsVersion, email: `other-${user.email}` } as unknown as D;
  const { id } = await values.issue(purpose, { subject: user.id, data }, dataSource.manager);
  return values.tokenOf(purpose, id);
}
