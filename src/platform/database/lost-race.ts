import { randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';

const MAX_RETRIES = 3;
/** The longest pause before the first retry, in milliseconds. It doubles before each further retry. */
const PAUSE_MS = 20;

// PostgreSQL's serialization_failure and deadlock_detected. PostgreSQL has rolled back the whole transaction, and
// another attempt is likely to succeed. After a lost connection the result is unknown, and the caller has to decide.
const LOST_RACE = /^40(001|P01)$/;

/**
 * Waits a moment where a transaction has lost a race and may be tried again. Throws the error of every other failure,
 * and of the last attempt. The pause is random, so that the same transactions do not collide again.
 */
export async function pauseAfterLostRace(error: unknown, attempt: number): Promise<void> {
  const { code } = (error ?? {}) as { code?: unknown };
  if (attempt > MAX_RETRIES || typeof code !== 'string' || !LOST_RACE.test(code)) throw error;
  await sleep(randomInt(1, PAUSE_MS * 2 ** (attempt - 1) + 1));
}
