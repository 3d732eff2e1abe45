import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { startClient, stop } from './processes.js';

type Message =
  | { ready: true }
  | { watching: number; accepted: boolean }
  | { refused: number; refusedAt: (number | null)[] }
  | { falselyRefused: number; tried: number };

/** The verifiers of several services, in a few processes of their own (`verifiers.ts`). */
export class VerifierFleet {
  private readonly listeners = new Map<string, (message: Message) => void>();
  private readonly processes: ChildProcess[];

  /** Starts the verifiers. `controls` are tokens of sessions that stay alive, and must never be refused. */
  static async start(
    processes: number,
    verifiers: number,
    plan: { issuer: string; ports: number[]; controls: string[] },
  ): Promise<VerifierFleet> {
    const count = verifiers / processes;
    const children = Array.from({ length: processes }, () =>
      startClient('verifiers.ts', { VERIFIERS: JSON.stringify({ ...plan, count }) }),
    );
    await Promise.all(children.map((child) => once(child, 'message')));
    return new VerifierFleet(children);
  }

  private constructor(processes: ChildProcess[]) {
    this.processes = processes;
    for (const [index, child] of processes.entries()) {
      child.on('message', (message: Message) => this.listeners.get(`${index} ${keyOf(message)}`)?.(message));
    }
  }

  /** Makes all verifiers accept a token, and then try it again and again. @throws Error where one refuses it already */
  async watch(id: number, token: string): Promise<void> {
    const answers = this.answers(`watching ${id}`);
    this.send({ watch: { id, token } });
    const accepted = (await answers).every((answer) => 'accepted' in answer && answer.accepted);
    if (!accepted) throw new Error('A verifier has refused a living token');
  }

  /**
   * Returns the milliseconds on the common clock at which each verifier refused the token; null for those that did not
   * in time.
   */
  async refusals(id: number, patienceMs: number): Promise<(number | null)[]> {
    const answers = this.answers(`refused ${id}`);
    const impatience = setTimeout(() => this.send({ drop: id }), patienceMs);
    const times = (await answers).flatMap((answer) => ('refused' in answer ? answer.refusedAt : []));
    clearTimeout(impatience);
    return times;
  }

  /** Returns how often living tokens were tried, and how often refused. */
  async controls(): Promise<{ tried: number; falselyRefused: number }> {
    const answers = this.answers('report');
    this.send({ report: true });
    const reports = (await answers).filter((answer) => 'tried' in answer);
    const sum = (of: (report: (typeof reports)[number]) => number) => reports.reduce((all, one) => all + of(one), 0);
    return { tried: sum(({ tried }) => tried), falselyRefused: sum(({ falselyRefused }) => falselyRefused) };
  }

  async stop(): Promise<void> {
    await Promise.all(this.processes.map((child) => stop(child)));
  }

  private send(message: object): void {
    for (const child of this.processes) child.send(message);
  }

  /** Waits for one message of this kind from every process. */
  private answers(key: string): Promise<Message[]> {
    return Promise.all(
      this.processes.map(
        (_, index) => new Promise<Message>((resolve) => this.listeners.set(`${index} ${key}`, resolve)),
      ),
    );
  }
}

function keyOf(message: Message): string {
  if ('watching' in message) return `watching ${message.watching}`;
  if ('refused' in message) return `refused ${message.refused}`;
  return 'tried' in message ? 'report' : 'ready';
}
