import type { AsymmetricAlgorithm, SigningKey } from './signing-key.entity.js';

/** The part of a key that decides its life. */
export type KeyState = Pick<SigningKey, 'kid' | 'alg' | 'status' | 'activatesAt' | 'retiredAt'>;

export interface LifecycleSettings {
  algorithm: AsymmetricAlgorithm;
  /** Seconds for which a key is published before it signs. */
  publishAhead: number;
  rotationInterval: number;
  /**
   * Seconds for which a retired key still verifies: the longest life of a token, clock skew and the reload of all
   * instances.
   */
  retirement: number;
}

export type KeyStep =
  | { step: 'create'; status: 'active' | 'published'; activatesAt: Date }
  | { step: 'activate'; kid: string }
  | { step: 'retire'; kid: string }
  | { step: 'remove'; kid: string }
  /** Removes it because it has leaked. */
  | { step: 'revoke'; kid: string };

const after = (date: Date, seconds: number): Date => new Date(date.getTime() + seconds * 1000);

/** Returns the steps that are due now, in the order in which they must be taken. Depends on its arguments alone. */
export function dueSteps(keys: KeyState[], settings: LifecycleSettings, now: Date): KeyStep[] {
  const steps: KeyStep[] = [];
  for (const key of keys) {
    if (key.status === 'retired' && after(key.retiredAt!, settings.retirement) <= now) {
      steps.push({ step: 'remove', kid: key.kid });
    }
    // The key has signed nothing yet, and its algorithm is no longer configured.
    if (key.status === 'published' && key.alg !== settings.algorithm) steps.push({ step: 'remove', kid: key.kid });
  }
  const active = keys.find((key) => key.status === 'active');
  const next = keys.find((key) => key.status === 'published' && key.alg === settings.algorithm);
  if (!active) {
    steps.push(next ? { step: 'activate', kid: next.kid } : { step: 'create', status: 'active', activatesAt: now });
  } else if (next) {
    if (next.activatesAt <= now) steps.push({ step: 'retire', kid: active.kid }, { step: 'activate', kid: next.kid });
  } else {
    const soonest = after(now, settings.publishAhead);
    const planned = after(active.activatesAt, settings.rotationInterval);
    if (active.alg !== settings.algorithm || planned <= soonest) {
      steps.push({ step: 'create', status: 'published', activatesAt: soonest });
    }
  }
  return steps;
}
