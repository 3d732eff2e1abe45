import { AppError } from '../../common/errors.js';
import type { Timed } from './hashing-threads.js';

export interface HashingPoolOptions {
  /** The number of threads that work on jobs; as many as there are cores. */
  threads: number;
  /** The most jobs that wait. */
  maxQueue: number;
  /** The longest wait of a job, in milliseconds. */
  deadlineMs: number;
}

/**
 * The most work, in milliseconds, that is queued for a thread, and how long a thread holds results back while it has
 * more to do. A hash pushes other code and data out of the CPU caches. Results that are delivered together need them
 * loaded only once, which halves the cost of a login beyond its hash; callers wait only a little longer.
 */
export const AHEAD_MS = 75;

// The weight of the latest job in the average: the average follows a change of load within about ten jobs.
const WEIGHT = 0.2;

/**
 * Gives the expensive jobs of the service to a few threads, first come, first served. The queue is bounded, because an
 * endless one would answer callers that have long gone.
 */
export class HashingPool {
  private readonly options: HashingPoolOptions;
  private readonly waiting = new Set<() => void>(); // a Set keeps the order, and lets a job leave from the middle
  private handed = 0;
  private averageMs = 0;

  /** Throws `RangeError` for options with which no job could ever run. */
  constructor(options: HashingPoolOptions) {
    if (!(options.threads >= 1)) throw new RangeError('threads must be at least 1');
    this.options = options;
  }

  /** The number of jobs that the threads have. */
  get inFlight(): number {
    return this.handed;
  }

  /** The number of jobs that wait. */
  get queued(): number {
    return this.waiting.size;
  }

  /**
   * Runs `job` when those before it have begun, and settles as it does. Rejects with `overloaded` at once where the
   * queue is full or the wait is likely to pass the deadline, and later where it has passed. A job whose `signal`
   * aborts before its turn leaves the queue and rejects with the signal's reason; a job that a thread already has is
   * not interrupted.
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

  /** Gives free places to the first jobs in the queue, so that a new job cannot overtake them. */
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

  /**
   * The most jobs in the threads: as many as they do in {@link AHEAD_MS}, so that they need not wait for this thread
   * after each job.
   */
  private get capacity(): number {
    const ahead = this.averageMs === 0 ? 1 : Math.floor(AHEAD_MS / this.averageMs);
    return this.options.threads * Math.max(1, ahead);
  }

  /** The number of jobs before a new one, beyond those that the threads work on. */
  private get backlog(): number {
    return this.handed + this.waiting.size - this.options.threads;
  }

  private get isFull(): boolean {
    return this.backlog >= this.options.maxQueue || this.expectedWaitMs > this.options.deadlineMs;
  }

  /** The expected wait of a new job, in milliseconds; 0 where a thread is idle. */
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
