/** The stored state of a session whose refresh did not rotate. */
export interface StoredRefresh {
  generation: number;
  /** Milliseconds from the rotation that made this generation to the arrival of the token; negative where that was before. */
  sinceRotationMs: number;
  lastUsedAt: Date;
  expiresAt: Date;
  userActive: boolean;
}

/** The settings that decide a refresh, in milliseconds. */
export interface RefreshRules {
  idleLimitMs: number;
  /** How long the direct predecessor returns the same successor again, for tabs, retries and lost answers. 0: never. */
  replayWindowMs: number;
}

export type RefreshDecision = 'replay' | 'reuse' | 'refuse';

/**
 * Decides about a genuine refresh token of generation `presented` that rotation did not accept. `replay`: the direct
 * predecessor, its successor unused, within the window. `reuse`: a token that had been used up, which an honest client
 * does not have any more (RFC 9700 4.14.2). `refuse`: the session is over its limits.
 */
export function decideRefresh(
  presented: number,
  stored: StoredRefresh,
  { idleLimitMs, replayWindowMs }: RefreshRules,
  now: number,
): RefreshDecision {
  if (!stored.userActive || stored.expiresAt.getTime() <= now) return 'refuse';
  if (stored.lastUsedAt.getTime() + idleLimitMs <= now) return 'refuse';
  if (presented === stored.generation) return 'refuse';
  // The successor is the current generation exactly as long as nobody has used it.
  const isPredecessor = presented + 1 === stored.generation;
  return isPredecessor && replayWindowMs > 0 && stored.sinceRotationMs <= replayWindowMs ? 'replay' : 'reuse';
}
