import type { LeasedReceiver, ReceiverLeases } from './receiver-leases.js';
import { retryDelay } from './retry-delay.js';

const PORTION = 100;
const AT_ONCE = 8;
/**
 * How long a worker serves a receiver, in milliseconds. Together with the longest attempt it is shorter than a lease.
 */
const WORK_MS = 30_000;
const LONGEST_DELAY_MS = 15 * 60_000;

/**
 * The result of sending one event: it needs no further attempt, another worker serves the receiver by now, or it
 * failed.
 */
export type Sent = 'settled' | 'lease lost' | { failure: string };

/** Failures of a receiver in a row, over so many seconds. */
export interface FailingReceiver {
  readonly why: string;
  readonly failures: number;
  readonly since: Date;
  readonly seconds: number;
}

/** The events that wait for receivers, and the way to send them. */
export interface EventsInOrder<Receiver extends LeasedReceiver, Event> {
  readonly leases: ReceiverLeases<Receiver>;
  /** Returns the oldest events that wait for a receiver, `limit` at most. */
  next(receiver: Receiver, limit: number): Promise<Event[]>;
  /** Returns the key of an event. Events with the same key are sent one after the other. */
  keyOf(event: Event): unknown;
  /** Sends one event and settles it. */
  send(receiver: Receiver, event: Event, closing: AbortSignal): Promise<Sent>;
  failed(receiver: Receiver, failing: FailingReceiver): Promise<void>;
}

/** The progress of a worker with a receiver. */
interface Run {
  settled: number;
  end: Exclude<Sent, 'settled'> | null;
}

/** Sends to a leased receiver until no event waits, one fails or the time is over, and then returns the lease. */
export async function deliverInOrder<Receiver extends LeasedReceiver, Event>(
  events: EventsInOrder<Receiver, Event>,
  receiver: Receiver,
  closing: AbortSignal,
): Promise<void> {
  const run: Run = { settled: 0, end: null };
  const deadline = performance.now() + WORK_MS;
  while (run.end === null && performance.now() < deadline && !closing.aborted) {
    const portion = await events.next(receiver, PORTION);
    if (portion.length === 0) break;
    await sendPortion({ events, receiver, run, deadline, closing }, portion);
  }
  const { end } = run;
  if (end === null || end === 'lease lost') return events.leases.release(receiver, end === null);
  if (closing.aborted) return events.leases.release(receiver, false);
  // Other events were accepted just before, so this is the first failure in a row.
  const failures = run.settled > 0 ? 1 : receiver.failures + 1;
  const pause = retryDelay(failures, Math.random(), LONGEST_DELAY_MS);
  const failing = await events.leases.postpone(receiver, failures, pause);
  if (failing) await events.failed(receiver, { why: end.failure, failures, ...failing });
}

interface Delivery<Receiver extends LeasedReceiver, Event> {
  events: EventsInOrder<Receiver, Event>;
  receiver: Receiver;
  run: Run;
  deadline: number;
  closing: AbortSignal;
}

async function sendPortion<Receiver extends LeasedReceiver, Event>(
  { events, receiver, run, deadline, closing }: Delivery<Receiver, Event>,
  portion: readonly Event[],
): Promise<void> {
  const queues = [...Map.groupBy(portion, (event) => events.keyOf(event)).values()];
  const sendNext = async (): Promise<void> => {
    for (let queue = queues.shift(); queue; queue = queues.shift()) {
      for (const event of queue) {
        if (run.end !== null || performance.now() > deadline) return;
        const sent = await events.send(receiver, event, closing);
        if (sent === 'settled') run.settled += 1;
        else run.end ??= sent;
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, sendNext));
}
