import { Worker } from 'node:worker_threads';
import type { Order, Outcome, Result, Settings, TaskName, Tasks } from './hashing.worker.js';

/** What a task gave, and how long it took by itself. */
export interface Timed<Value> {
  value: Value;
  elapsedMs: number;
}

export interface HashingThreadsOptions extends Settings {
  /** Threads at most. */
  count: number;
  /** Milliseconds after which a thread without work ends, and gives back some 20 MB. */
  idleMs: number;
}

/**
 * Threads that hash. Each does what it is given in order, and libuv's pool stays free for everything else. One begins
 * with a task that finds the others busy; none keeps the process alive while it has nothing to do.
 */
export class HashingThreads {
  private readonly options: HashingThreadsOptions;
  private readonly threads = new Set<HashingThread>();

  constructor(options: HashingThreadsOptions) {
    this.options = options;
  }

  /**
   * Rejects where the task throws, or its thread ends. While a thread has more to do, it holds results back, for
   * `holdMs` and one hash at most, and hands them out together.
   */
  perform<Name extends TaskName>(name: Name, ...input: Parameters<Tasks[Name]>): Promise<Timed<Result<Name>>> {
    const [first, ...others] = this.threads;
    const idlest = others.reduce((best, thread) => (thread.tasks < best!.tasks ? thread : best), first);
    const isFree = idlest && (idlest.tasks === 0 || this.threads.size === this.options.count);
    return (isFree ? idlest : this.begin()).perform(name, input);
  }

  /** Ends the threads; what they are at is lost. */
  async close(): Promise<void> {
    await Promise.all([...this.threads].map((thread) => thread.end()));
  }

  private begin(): HashingThread {
    const thread = new HashingThread(this.options, () => this.threads.delete(thread));
    this.threads.add(thread);
    return thread;
  }
}

class HashingThread {
  private readonly worker: Worker;
  private readonly leave: () => void;
  private readonly pending: PromiseWithResolvers<Timed<never>>[] = []; // in the order in which outcomes will come
  private readonly retirement: NodeJS.Timeout;

  /** `leave` is called when it takes no more tasks. */
  constructor({ parameters, firebase, holdMs, idleMs }: HashingThreadsOptions, leave: () => void) {
    this.leave = leave;
    this.worker = new Worker(new URL('./hashing.worker.js', import.meta.url), {
      name: 'hashing',
      workerData: { parameters, firebase, holdMs } satisfies Settings,
      env: {}, // where the secrets are
    });
    let cause: unknown;
    this.worker
      .on('message', (outcomes: Outcome[]) => this.settle(outcomes))
      .on('error', (error) => (cause = error))
      .on('exit', () => this.abandon(cause));
    this.retirement = setTimeout(() => this.tasks === 0 && void this.end(), idleMs).unref();
  }

  get tasks(): number {
    return this.pending.length;
  }

  perform<Name extends TaskName>(name: Name, input: Parameters<Tasks[Name]>): Promise<Timed<Result<Name>>> {
    this.worker.postMessage({ name, input } satisfies Order<Name>);
    const result = Promise.withResolvers<Timed<never>>();
    if (this.pending.push(result) === 1) this.worker.ref();
    return result.promise;
  }

  async end(): Promise<void> {
    this.leave();
    await this.worker.terminate();
  }

  private settle(outcomes: Outcome[]): void {
    for (const { value, failure, elapsedMs } of outcomes) {
      const { resolve, reject } = this.pending.shift()!;
      if (failure === undefined) resolve({ value: value as never, elapsedMs });
      else reject(new Error(failure));
    }
    if (this.tasks > 0) return;
    this.worker.unref();
    this.retirement.refresh();
  }

  private abandon(cause: unknown): void {
    this.leave();
    clearTimeout(this.retirement);
    for (const { reject } of this.pending.splice(0)) reject(new Error('A hashing thread has ended', { cause }));
  }
}
