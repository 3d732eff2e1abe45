import { setTimeout as sleep } from 'node:timers/promises';
import { EmbeddedPostgresError } from './embedded-error.js';
import { clearOrphan } from './orphan.js';
import { freePort } from './port.js';
import { Server, ServerStartError, type ServerPlan } from './server.js';

export type ExitListener = (code: number | null) => void;

// How long sessions of a killed server may take to end, in milliseconds. They finish their statement first.
const OCCUPIED_PATIENCE = 10_000;
const PORT_ATTEMPTS = 5;
const FIRST_DELAY = 50;
const LONGEST_DELAY = 5_000;
// How long a server must have run, in milliseconds, so that the next restart need not wait.
const STABLE_AFTER = 30_000;

/** Keeps one server running on one port until it is told to stop. */
export class Supervisor {
  readonly port: number;
  private readonly plan: ServerPlan;
  private readonly listeners = new Set<ExitListener>();
  private readonly stopping = new AbortController();
  private server: Server;
  private readonly watch: Promise<void>;

  /** @throws EmbeddedPostgresError when no server can be started */
  static async start(plan: ServerPlan): Promise<Supervisor> {
    for (let attempt = 1; ; attempt += 1) {
      const port = await freePort();
      try {
        return new Supervisor(plan, port, await launch(plan, port));
      } catch (error) {
        // Another process has taken the port since it was found free.
        const lostPort = error instanceof ServerStartError && error.failure === 'port';
        if (!lostPort || attempt === PORT_ATTEMPTS) throw error;
      }
    }
  }

  private constructor(plan: ServerPlan, port: number, server: Server) {
    this.plan = plan;
    this.port = port;
    this.server = server;
    this.watch = this.keepRunning();
  }

  get pid(): number {
    return this.server.pid;
  }

  onExit(listener: ExitListener): void {
    this.listeners.add(listener);
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.server.stop();
    await this.watch;
  }

  private async keepRunning(): Promise<void> {
    let delay = FIRST_DELAY;
    for (;;) {
      const since = performance.now();
      const code = await this.server.exited;
      if (this.stopping.signal.aborted) return;
      if (performance.now() - since > STABLE_AFTER) delay = FIRST_DELAY;
      this.plan.log(`PostgreSQL (process ${this.pid}) ended unexpectedly; it is started again on port ${this.port}`);
      this.tellListeners(code);
      delay = await this.restart(delay);
      if (this.stopping.signal.aborted) return this.server.stop();
    }
  }

  /** Tries until it succeeds or the service stops. @returns the delay before the next attempt */
  private async restart(delay: number): Promise<number> {
    for (let next = delay; ;) {
      await sleep(next, undefined, { signal: this.stopping.signal }).catch(() => undefined);
      if (this.stopping.signal.aborted) return next;
      next = Math.min(next * 2, LONGEST_DELAY);
      try {
        this.server = await launch(this.plan, this.port, this.stopping.signal);
        return next;
      } catch (error) {
        this.plan.log((error as Error).message);
      }
    }
  }

  private tellListeners(code: number | null): void {
    for (const listener of this.listeners) {
      try {
        listener(code);
      } catch (error) {
        this.plan.log(`A listener for the end of PostgreSQL failed: ${String(error)}`);
      }
    }
  }
}

/** Starts the server after the remains of an earlier one are gone. */
async function launch(plan: ServerPlan, port: number, stopping?: AbortSignal): Promise<Server> {
  const deadline = performance.now() + OCCUPIED_PATIENCE;
  for (;;) {
    await clearOrphan(plan.folder, plan.binaries, plan.account, (line) => plan.log(line));
    try {
      return await Server.start(plan, port);
    } catch (error) {
      const occupied = error instanceof ServerStartError && error.failure === 'occupied';
      if (!occupied || performance.now() > deadline) throw error;
      if (stopping?.aborted) throw new EmbeddedPostgresError('The service stops.', { cause: error });
    }
    await sleep(50);
  }
}
