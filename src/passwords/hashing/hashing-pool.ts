import { AppError } from '../../common/errors.js';

export interface HashingPoolOptions {
  /** Jobs in flight at most; as many as there are cores. */
  concurrency: number;
  /** Jobs that wait at most. */
  maxQueue: number;
  /** Milliseconds that a job waits at most. */
  deadlineMs: number;
  /** A monotonic clock in milliseconds. */
  now?: () => number;
}

/**
 * While jobs wait, results are held back for so long at most, in milliseconds, and leave together. What follows a hash finds
 * its code and data pushed out of the caches by it; what follows another login finds them there. Under load that halves
 * what a login costs beyond its hash, and those who wait for a slot anyway wait little longer.
 */
const HOLD_MS = 75;

// How much the latest job counts in the average: enough to follow a change of load within about ten jobs.
const WEIGHT = 0.2;

/**
 * Runs the dear jobs of the service a few at a time, first come, first served. Hashes beyond the number of cores would
 * only slow each other down and take libuv's threads from everything else; a queue without end would answer callers
 * that have long gone.
 */
export class HashingPool {
  private readonly options: HashingPoolOptions;
  private readonly now: () => number;
  private readonly waiting = new Set<() => void>(); // a Set keeps the order, and lets a job leave from the middle
  private readonly held: (() => void)[] = [];
  private holding: NodeJS.Timeout | undefined;
  private running = 0;
  private averageMs = 0;

  /** Throws RangeError where no job could ever run. */
  constructor(options: HashingPoolOptions) {
    if (!(options.concurrency >= 1)) throw new RangeError('concurrency must be at least 1');
    this.options = options;
    this.now = options.now ?? (() => performance.now());
  }

  /** Jobs that run. */
  get inFlight(): number {
    return this.running;
  }

  /** Jobs that wait. */
  get queued(): number {
    return this.waiting.size;
  }

  /**
   * Runs `job` in its turn and settles as it does. Rejects with `overloaded` at once where the queue is full or the
   * wait is likely to pass the deadline, and later where it has passed. A job whose `signal` aborts before its turn
   * leaves the queue and rejects with the signal's reason; one that runs already is not interrupted. While jobs wait,
   * this settles up to {@link HOLD_MS} after the job has.
   */
  async run<T>(job: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    signal?.throwIfAborted();
    if (this.running < this.options.concurrency) this.running++;
    else await this.turn(signal);
    const started = this.now();
    try {
      return await job();
    } finally {
      this.learn(this.now() - started);
      this.passOn();
      await this.handOut();
    }
  }

  /** Resolves at once where nobody waits, and with it for all who were held. */
  private handOut(): Promise<void> {
    return new Promise((resolve) => {
      this.held.push(resolve);
      if (this.waiting.size === 0) this.release();
      else this.holding ??= setTimeout(() => this.release(), HOLD_MS);
    });
  }

  private release(): void {
    clearTimeout(this.holding);
    this.holding = undefined;
    for (const resolve of this.held.splice(0)) resolve();
  }

  private turn(signal?: AbortSignal): Promise<void> {
    if (this.waiting.size >= this.options.maxQueue || this.expectedWaitMs > this.options.deadlineMs) {
      throw this.overloaded();
    }
    return new Promise((resolve, reject) => {
      const leave = () => {
        this.waiting.delete(start);
        if (this.waiting.size === 0) this.release();
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

  /** The slot goes straight to the first in the queue, so that nobody who comes at this moment overtakes it. */
  private passOn(): void {
    const [next] = this.waiting;
    if (next) next();
    else this.running--;
  }

  /** What a job that came now, to find every slot taken, would wait. */
  private get expectedWaitMs(): number {
    return (this.averageMs * (this.waiting.size + 1)) / this.options.concurrency;
  }

  private learn(elapsedMs: number): void {
    this.averageMs = this.averageMs === 0 ? elapsedMs : this.averageMs + WEIGHT * (elapsedMs - this.averageMs);
  }

  private overloaded(): AppError {
    return new AppError('overloaded', { retryAfterSeconds: Math.max(1, Math.ceil(this.expectedWaitMs / 1000)) });
  }
}
