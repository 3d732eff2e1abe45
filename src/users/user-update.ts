import { isDeepStrictEqual } from 'node:util';
import type { AuditRecord } from '../common/audit-events.js';
import type { User } from './user.entity.js';

/** The columns that an update may change, as a record names them. */
const NAMES = {
  email: 'email',
  displayName: 'display_name',
  status: 'status',
  roles: 'roles',
  emailVerifiedAt: 'email_verified',
} as const satisfies Partial<Record<keyof User, string>>;

/** Returns what the audit log says of an update; null where it has changed nothing. */
export function recordOfUpdate(before: User, after: User): AuditRecord | null {
  const columns = (Object.keys(NAMES) as (keyof typeof NAMES)[]).filter(
    (column) => !isDeepStrictEqual(before[column], after[column]),
  );
  if (columns.length === 0) return null;
  const details = {
    changed: columns.map((column) => NAMES[column]),
    ...(columns.includes('roles') && { roles: { before: before.roles, after: after.roles } }),
    ...(columns.includes('status') && { status: { before: before.status, after: after.status } }),
  };
  return { event: 'user.updated', subject: after.id, details };
}

/** Returns the changes that were asked for. */
export function withoutAbsent<T extends object>(changes: T): Partial<T> {
  return Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined)) as Partial<T>;
}
