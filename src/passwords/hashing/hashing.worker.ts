// The program of a hashing thread: does what it is sent, one after the other, and answers in that order.
// Code that runs between two hashes finds none of itself in the caches and takes several times as long. So as much as
// possible is done for many at once: reading orders, and handing out what they gave.
import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import type { FirebaseScrypt } from './formats/firebase-scrypt.js';
import { hashReader } from './formats/hash-formats.js';
import { createDecoy, hasCostOf, hashPassword, verifierOf, type HashParameters } from './password-hash.js';

export interface Settings {
  /** What new hashes cost. */
  parameters: HashParameters;
  /** What hashes of Firebase need besides themselves. */
  firebase: FirebaseScrypt | null;
  /** Milliseconds that an outcome waits at most for the next of such a hash. */
  holdMs: number;
}

const { parameters, firebase, holdMs } = workerData as Settings;
const readHash = hashReader(firebase);
const isOfNothing = verifierOf(readHash, createDecoy(parameters));

// Each reads its input, and returns what does the work.
const tasks = {
  verify: (hash: string, passwords: readonly string[]) => {
    const isOneOf = verifierOf(readHash, hash);
    if (hasCostOf(parameters, hash)) return () => isOneOf(passwords);
    // Some foreign hashes cost next to nothing: a wrong guess then also costs what it costs where there is no account.
    return () => isOneOf(passwords) || isOfNothing(passwords);
  },
  hash: (password: string) => () => hashPassword(password, parameters),
};

export type Tasks = typeof tasks;
export type TaskName = keyof Tasks;
export type Result<Name extends TaskName> = ReturnType<ReturnType<Tasks[Name]>>;

export interface Order<Name extends TaskName = TaskName> {
  name: Name;
  input: Parameters<Tasks[Name]>;
}

export interface Outcome {
  /** What the task returned; undefined where it failed. */
  value?: Result<TaskName>;
  /** The message of what it threw. */
  failure?: string;
  elapsedMs: number;
}

interface Task {
  work: () => Result<TaskName>;
  /** Of a cost that is not ours, which nobody knows. */
  isForeign: boolean;
}

const port = parentPort!;
const accepted: Task[] = [];
let held: Outcome[] = [];
let heldSince = 0;

port.on('message', (first: Order) => {
  accepted.push(read(first));
  while (accepted.length > 0) {
    for (let more = next(); more; more = next()) accepted.push(read(more));
    const { work, isForeign } = accepted.shift()!;
    if (isForeign || performance.now() - heldSince >= holdMs) handOut();
    if (held.push(outcomeOf(work)) === 1) heldSince = performance.now();
  }
  handOut();
});

const next = () => receiveMessageOnPort(port)?.message as Order | undefined;

function read({ name, input }: Order): Task {
  return {
    work: (tasks[name] as (...input: unknown[]) => Task['work'])(...input),
    isForeign: name === 'verify' && !hasCostOf(parameters, input[0]),
  };
}

function handOut(): void {
  if (held.length > 0) port.postMessage(held);
  held = [];
}

function outcomeOf(work: Task['work']): Outcome {
  const began = performance.now();
  const elapsedMs = () => performance.now() - began;
  try {
    const value = work();
    return { value, elapsedMs: elapsedMs() };
  } catch (error) {
    return { failure: String(error), elapsedMs: elapsedMs() };
  }
}
