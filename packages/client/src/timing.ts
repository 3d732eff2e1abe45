/** Waits for so long, or until the signal aborts. Does not keep the process alive. */
export function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (milliseconds <= 0 || signal.aborted) return resolve();
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, milliseconds);
    timer.unref();
    signal.addEventListener('abort', done);
  });
}

/**
 * Settles as the promise does, or rejects with the signal's reason, also where the work behind the promise ignores the
 * signal.
 */
export function abortable<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason as Error);
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort);
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}

const SHORTEST_MS = 200;
const LONGEST_MS = 5000;

/**
 * Returns how long to wait before the next attempt, in milliseconds: 0 after a success, then longer each time. Half of
 * it is random, so that many verifiers do not reconnect at the same time.
 */
export function backoff(failures: number, random = Math.random()): number {
  if (failures === 0) return 0;
  return Math.min(LONGEST_MS, SHORTEST_MS * 2 ** (failures - 1)) * (0.5 + random / 2);
}
