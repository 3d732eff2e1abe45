import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { TokenErrorCode, VerifierMetrics, VerifierOptions } from '../../../packages/client/src/index.js';

export type Outcome = 'accepted' | 'unavailable' | TokenErrorCode;

/** From this moment on ({@link monotonic}) a token had this outcome. */
export interface Change {
  at: number;
  outcome: Outcome;
}

/** The resources that the verifiers use in their process. */
export interface Burden {
  /** Bytes, after a collection. */
  rss: number;
  heapUsed: number;
  /** The number of sockets, timers and other objects that keep a process alive. */
  resources: number;
}

/** The commands to the process of the verifiers. */
export interface Command {
  /** Creates a verifier. Returns the milliseconds until it was ready; null where it was not. */
  create(options: VerifierOptions): number | null;
  /** Sets the error of the machine's wall clock, in seconds. */
  setWallClock(offsetSeconds: number): void;
  /** Verifies a token, and returns the outcome of each verifier. */
  tryOut(token: string): Outcome[];
  /** Tries a token from now on, with every existing verifier. */
  watch(token: string): void;
  watched(token: string): Change[][];
  metrics(): VerifierMetrics[];
  burden(): Burden;
}

/** Returns milliseconds of the clock that all processes of a machine share. */
export const monotonic = (): number => Number(process.hrtime.bigint()) / 1e6;

/** The verifiers of other services, as a process of their own. */
export class Verifiers {
  private readonly child: ChildProcess;
  private readonly answers = new Map<number, (result: unknown) => void>();
  private calls = 0;

  constructor() {
    this.child = fork(fileURLToPath(new URL('verifier-process.ts', import.meta.url)), {
      execArgv: ['--expose-gc'],
      env: { PATH: process.env['PATH'] },
    });
    this.child.on('message', ({ call, result }: { call: number; result: unknown }) => {
      this.answers.get(call)?.(result);
      this.answers.delete(call);
    });
  }

  /** Sends a command. Rejects where the process ends before it answers. */
  tell<Name extends keyof Command>(name: Name, ...args: Parameters<Command[Name]>) {
    return new Promise<ReturnType<Command[Name]>>((resolve, reject) => {
      const call = ++this.calls;
      const ended = () => reject(new Error('The process of the verifiers has ended'));
      this.child.once('exit', ended);
      this.answers.set(call, (result) => {
        this.child.off('exit', ended);
        resolve(result as ReturnType<Command[Name]>);
      });
      this.child.send({ call, name, args });
    });
  }

  /**
   * Returns the milliseconds from `since` until each verifier had accepted the token for the last time; Infinity where
   * one still does.
   */
  async acceptedFor(token: string, since: number): Promise<number[]> {
    const timelines = await this.tell('watched', token);
    return timelines.map((timeline) => {
      if (timeline.at(-1)!.outcome === 'accepted') return Infinity;
      const lastAccepted = timeline.findLastIndex(({ outcome }) => outcome === 'accepted');
      return lastAccepted < 0 ? -Infinity : timeline[lastAccepted + 1]!.at - since;
    });
  }

  async stop(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    this.child.kill('SIGKILL');
    await once(this.child, 'exit');
  }
}
