import type { AuditRecord } from '../common/audit-events.js';
import type { User } from './user.entity.js';

/** The audit record of a new account. */
export const creationOf = ({ id, roles, status }: User): AuditRecord => ({
  event: 'user.created',
  subject: id,
  details: { roles, status },
});

/** The audit record of an address that its user has proved. */
export const verificationOf = (id: string): AuditRecord => ({ event: 'user.email_verified', subject: id });
