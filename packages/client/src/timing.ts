/** Waits, but not longer than until the signal. Does not keep the process alive. */
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

/** Settles as the promise does, or rejects with the signal's reason, also where the other side does not heed it. */
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
 * How long to wait before the next attempt, in milliseconds: not at all where the last one did well, then longer each
 * time. Half of it is chance, so that many verifiers do not come back in step.
 */
export function backoff(failures: number, random = Math.random()): number {
  if (failures === 0) return 0;
  return Math.min(LONGEST_MS, SHORTEST_MS * 2 ** (failures - 1)) * (0.5 + random / 2);
}
