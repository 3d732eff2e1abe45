// The program of a hashing thread: it runs the tasks that it receives, one after the other, and answers in that order.
// A hash pushes all other code out of the CPU caches, so that code between two hashes takes several times as long. So
// messages are read, and results sent, for many tasks at once.
import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import type { FirebaseScrypt } from './formats/firebase-scrypt.js';
import { hashReader } from './formats/hash-formats.js';
import { createDecoy, hasCostOf, hashPassword, verifierOf, type HashParameters } from './password-hash.js';

export interface Settings {
  /** The cost of new hashes. */
  parameters: HashParameters;
  /** The parameters that hashes of Firebase need besides themselves. */
  firebase: FirebaseScrypt | null;
  /** The longest time, in milliseconds, that a result waits for the next one. */
  holdMs: number;
}

const { parameters, firebase, holdMs } = workerData as Settings;
const readHash = hashReader(firebase);
const isOfNothing = verifierOf(readHash, createDecoy(parameters));

// Each task parses its input, and returns a function that does the work.
const tasks = {
  verify: (hash: string, passwords: readonly string[]) => {
    const isOneOf = verifierOf(readHash, hash);
    if (hasCostOf(parameters, hash)) return () => isOneOf(passwords);
    // Some foreign hashes cost almost nothing. The second hash makes a wrong guess cost the same as where there is no
    // account.
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
  /** The result of the task; undefined where it failed. */
  value?: Result<TaskName>;
  /** The message of the error that the task threw. */
  failure?: string;
  elapsedMs: number;
}

interface Task {
  work: () => Result<TaskName>;
  /** Whether the hash has another cost than ours, so that its time is unknown. */
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
