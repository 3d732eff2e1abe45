import { randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';

const MAX_RETRIES = 3;
/** Before the first retry at most, in milliseconds; twice as long before each further one. */
const PAUSE_MS = 20;

// PostgreSQL's serialization_failure and deadlock_detected. It has undone the whole transaction, and another attempt is
// likely to win. After a lost connection nobody knows what was done: that is for the caller to decide.
const LOST_RACE = /^40(001|P01)$/;

/**
 * Waits a moment where a transaction has lost a race and is due another attempt; throws the error of any other failure,
 * and of the last attempt. The pause is random, so that those who have met do not meet again.
 */
export async function pauseAfterLostRace(error: unknown, attempt: number): Promise<void> {
  const { code } = (error ?? {}) as { code?: unknown };
  if (attempt > MAX_RETRIES || typeof code !== 'string' || !LOST_RACE.test(code)) throw error;
  await sleep(randomInt(1, PAUSE_MS * 2 ** (attempt - 1) + 1));
}
