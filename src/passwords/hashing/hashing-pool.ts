import { AppError } from '../../common/errors.js';
import type { Timed } from './hashing-threads.js';

export interface HashingPoolOptions {
  /** Threads that work on what is handed to them; as many as there are cores. */
  threads: number;
  /** Jobs that wait at most. */
  maxQueue: number;
  /** Milliseconds that a job waits at most. */
  deadlineMs: number;
}

/**
 * How much work, in milliseconds, lies before a thread at most, and how long it holds results back while it has more to
 * do. What follows a hash finds its code and data pushed out of the caches by it; what follows another login finds them
 * there. So results that leave together halve what a login costs beyond its hash, and those who wait anyway wait little
 * longer.
 */
export const AHEAD_MS = 75;

// How much the latest job counts in the average: enough to follow a change of load within about ten jobs.
const WEIGHT = 0.2;

/**
 * Hands the dear jobs of the service to a few threads, first come, first served. A queue without end would answer
 * callers that have long gone.
 */
export class HashingPool {
  private readonly options: HashingPoolOptions;
  private readonly waiting = new Set<() => void>(); // a Set keeps the order, and lets a job leave from the middle
  private handed = 0;
  private averageMs = 0;

  /** Throws RangeError where no job could ever run. */
  constructor(options: HashingPoolOptions) {
    if (!(options.threads >= 1)) throw new RangeError('threads must be at least 1');
    this.options = options;
  }

  /** Jobs in the hands of the threads. */
  get inFlight(): number {
    return this.handed;
  }

  /** Jobs that wait. */
  get queued(): number {
    return this.waiting.size;
  }

  /**
   * Runs `job` when those before it have begun, and settles as it does. Rejects with `overloaded` at once where the queue is full or the
   * wait is likely to pass the deadline, and later where it has passed. A job whose `signal` aborts before its turn
   * leaves the queue and rejects with the signal's reason; one in a thread's hands is not interrupted.
   */
  async run<T>(job: () => Promise<Timed<T>>, signal?: AbortSignal): Promise<T> {
    signal?.throwIfAborted();
    if (this.isFull) throw this.overloaded();
    if (this.waiting.size === 0 && this.handed < this.capacity) this.handed++;
    else await this.turn(signal);
    try {
      const { value, elapsedMs } = await job();
      this.learn(elapsedMs);
      return value;
    } finally {
      this.handed--;
      this.handOn();
    }
  }

  /** Places go straight to the first in the queue, so that nobody who comes at this moment overtakes them. */
  private handOn(): void {
    for (const start of this.waiting) {
      if (this.handed >= this.capacity) return;
      this.handed++;
      start();
    }
  }

  private turn(signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const leave = () => {
        this.waiting.delete(start);
        clearTimeout(timer);
        signal?.removeEventListener('abort', abort);
      };
      const start = () => {
        leave();
        resolve();
      };
      const abort = () => {
        leave();
        reject(signal?.reason as Error);
      };
      const timer = setTimeout(() => {
        leave();
        reject(this.overloaded());
      }, this.options.deadlineMs);
      signal?.addEventListener('abort', abort);
      this.waiting.add(start);
    });
  }

  /** As many as a thread does in {@link AHEAD_MS}, so that it need not wait for this thread after each. */
  private get capacity(): number {
    const ahead = this.averageMs === 0 ? 1 : Math.floor(AHEAD_MS / this.averageMs);
    return this.options.threads * Math.max(1, ahead);
  }

  /** Jobs before one that came now, beyond those that the threads are at. */
  private get backlog(): number {
    return this.handed + this.waiting.size - this.options.threads;
  }

  private get isFull(): boolean {
    return this.backlog >= this.options.maxQueue || this.expectedWaitMs > this.options.deadlineMs;
  }

  /** What a job that came now would wait; nothing where a thread is idle. */
  private get expectedWaitMs(): number {
    return (this.averageMs * (this.backlog + 1)) / this.options.threads;
  }

  private learn(elapsedMs: number): void {
    this.averageMs = this.averageMs === 0 ? elapsedMs : this.averageMs + WEIGHT * (elapsedMs - this.averageMs);
  }

  private overloaded(): AppError {
    return new AppError('overloaded', { retryAfterSeconds: Math.max(1, Math.ceil(this.expectedWaitMs / 1000)) });
  }
}
