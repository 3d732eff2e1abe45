// The program of a hashing thread: does what it is sent, one after the other, and answers in that order.
import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import { hashPassword, needsUpgrade, verifyHash, type HashParameters } from './password-hash.js';

export interface Settings {
  /** What new hashes cost. */
  parameters: HashParameters;
  /** Milliseconds that an outcome waits at most for the next of such a hash. */
  holdMs: number;
}

const { parameters, holdMs } = workerData as Settings;

const tasks = {
  verify: verifyHash,
  hash: (password: string) => hashPassword(password, parameters),
};

export type Tasks = typeof tasks;
export type TaskName = keyof Tasks;

export interface Order<Name extends TaskName = TaskName> {
  name: Name;
  input: Parameters<Tasks[Name]>;
}

export interface Outcome {
  /** What the task returned; undefined where it failed. */
  value?: ReturnType<Tasks[TaskName]>;
  /** The message of what it threw. */
  failure?: string;
  elapsedMs: number;
}

const port = parentPort!;
let held: Outcome[] = [];
let heldSince = 0;

port.on('message', (first: Order) => {
  for (let order: Order | undefined = first; order; order = next()) {
    // What takes nobody knows how long holds up nobody who is done.
    if (isForeign(order) || performance.now() - heldSince >= holdMs) handOut();
    if (held.push(carryOut(order)) === 1) heldSince = performance.now();
  }
  handOut();
});

const next = () => receiveMessageOnPort(port)?.message as Order | undefined;

const isForeign = ({ name, input: [hash] }: Order) => name === 'verify' && needsUpgrade(hash, parameters);

function handOut(): void {
  if (held.length > 0) port.postMessage(held);
  held = [];
}

function carryOut({ name, input }: Order): Outcome {
  const began = performance.now();
  const elapsedMs = () => performance.now() - began;
  try {
    const value = (tasks[name] as (...input: unknown[]) => boolean | string)(...input);
    return { value, elapsedMs: elapsedMs() };
  } catch (error) {
    return { failure: String(error), elapsedMs: elapsedMs() };
  }
}
