/** Within this time the direct predecessor yields the same successor again: tabs, retries, lost answers. */
export const REPLAY_WINDOW_MS = 10_000;

/** The stored side of a refresh that did not rotate. */
export interface StoredRefresh {
  generation: number;
  rotatedAt: Date;
  expiresAt: Date;
  userActive: boolean;
}

export type RefreshDecision = 'replay' | 'reuse' | 'refuse';

/**
 * What a genuine refresh token of generation `presented` means where rotation did not accept it.
 * `replay`: the direct predecessor, its successor unused, within the window. `reuse`: a token that had been used up,
 * which an honest client does not have any more (RFC 9700 4.14.2). `refuse`: the session is over its limits.
 */
export function decideRefresh(
  presented: number,
  stored: StoredRefresh,
  idleLimitMs: number,
  now: number,
): RefreshDecision {
  if (!stored.userActive || stored.expiresAt.getTime() <= now) return 'refuse';
  if (stored.rotatedAt.getTime() + idleLimitMs <= now) return 'refuse';
  if (presented === stored.generation) return 'refuse';
  const isPredecessor = presented + 1 === stored.generation;
  return isPredecessor && now - stored.rotatedAt.getTime() <= REPLAY_WINDOW_MS ? 'replay' : 'reuse';
}
