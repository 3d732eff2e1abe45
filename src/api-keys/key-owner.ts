import type { EntityManager } from 'typeorm';
import { AppError } from '../common/errors.js';
import type { ApiKeyKind } from './api-key.js';

/** The owner of keys: a user or a client. */
export interface KeyOwner {
  readonly kind: ApiKeyKind;
  readonly id: string;
}

export const personal = (userId: string): KeyOwner => ({ kind: 'pat', id: userId });
export const ofClient = (clientId: string): KeyOwner => ({ kind: 'key', id: clientId });

/** Returns the columns by which the keys of an owner are found. */
export const ownedBy = ({ kind, id }: KeyOwner): { userId: string } | { clientId: string } =>
  kind === 'pat' ? { userId: id } : { clientId: id };

const LOCK: Record<ApiKeyKind, string> = {
  pat: `SELECT status, NULL::text[] AS scopes, NULL::text[] AS audiences FROM users WHERE id = $1 FOR NO KEY UPDATE`,
  key: `SELECT status, scopes, audiences FROM clients WHERE id = $1 FOR NO KEY UPDATE`,
};

export interface OwnerRow {
  status: 'active' | 'disabled';
  /** The scopes of a client; null for a user. */
  scopes: string[] | null;
  audiences: string[] | null;
}

/**
 * Locks the row of an owner. That always comes before the rows of keys, as in their exchange and at the end of their
 * owner, so that nothing deadlocks. Throws `not_found`.
 */
export async function lockOwner({ kind, id }: KeyOwner, manager: EntityManager): Promise<OwnerRow> {
  const [row] = await manager.query<OwnerRow[]>(LOCK[kind], [id]);
  if (!row) throw new AppError('not_found');
  return row;
}
