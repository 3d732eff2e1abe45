import { Worker } from 'node:worker_threads';
import type { Order, Outcome, Result, Settings, TaskName, Tasks } from './hashing.worker.js';

/** The result of a task, and the time that the task itself took. */
export interface Timed<Value> {
  value: Value;
  elapsedMs: number;
}

export interface HashingThreadsOptions extends Settings {
  /** The most threads. */
  count: number;
  /** Milliseconds after which a thread without work ends, which frees some 20 MB. */
  idleMs: number;
}

/**
 * Runs tasks on threads for hashing, so that libuv's pool stays free for everything else. Each thread runs its tasks in
 * order. A task that finds all threads busy starts another one. A thread without work does not keep the process alive.
 */
export class HashingThreads {
  private readonly options: HashingThreadsOptions;
  private readonly threads = new Set<HashingThread>();

  constructor(options: HashingThreadsOptions) {
    this.options = options;
  }

  /**
   * Runs a task. Rejects where the task throws, or its thread ends. While a thread has more to do, it holds results
   * back, for `holdMs` and one hash at most, and delivers them together.
   */
  perform<Name extends TaskName>(name: Name, ...input: Parameters<Tasks[Name]>): Promise<Timed<Result<Name>>> {
    const [first, ...others] = this.threads;
    const idlest = others.reduce((best, thread) => (thread.tasks < best!.tasks ? thread : best), first);
    const isFree = idlest && (idlest.tasks === 0 || this.threads.size === this.options.count);
    return (isFree ? idlest : this.begin()).perform(name, input);
  }

  /** Ends the threads. The tasks that they work on are lost. */
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
  private readonly pending: PromiseWithResolvers<Timed<never>>[] = []; // in the order in which results will come
  private readonly retirement: NodeJS.Timeout;

  /** `leave` is called when the thread takes no more tasks. */
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
