import type { EntityManager } from 'typeorm';
import { AppError } from '../common/errors.js';
import type { User } from './user.entity.js';

// Every change takes it that could leave the service without an active administrator.
const LAST_ADMIN_LOCK = 7_262_002;

/**
 * Takes the lock of changes of administrators. It is always taken before a row's lock, so that two administrators who
 * demote each other wait instead of deadlocking.
 */
export const guardAdmins = async (manager: EntityManager): Promise<void> => {
  await manager.query('SELECT pg_advisory_xact_lock($1)', [LAST_ADMIN_LOCK]);
};

export const isActiveAdmin = (user: Pick<User, 'status' | 'roles'>): boolean =>
  user.status === 'active' && user.roles.includes('admin');

/** Throws `last_admin` where nobody but this user is an active administrator. */
export async function refuseLastAdmin(id: string, manager: EntityManager): Promise<void> {
  const others = await manager.query<unknown[]>(
    `SELECT 1 FROM users WHERE 'admin' = ANY (roles) AND status = 'active' AND id <> $1 LIMIT 1`,
    [id],
  );
  if (others.length === 0) throw new AppError('last_admin');
}
