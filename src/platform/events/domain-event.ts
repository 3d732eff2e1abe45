import type { AuditRecord } from '../../common/audit-events.js';
import type { ChangeActor, ChangeContext } from '../context/change-context.js';

/** Something that has happened. It is emitted inside the transaction in which it happens: see `TransactionalEvents`. */
export abstract class DomainEvent {
  constructor(
    readonly cause: ChangeContext,
    readonly at: Date,
  ) {}

  /** The record of the event in the audit log. */
  abstract get audit(): readonly AuditRecord[];

  get actor(): ChangeActor {
    return this.cause.actor;
  }
}

export type EventClass<E extends DomainEvent = DomainEvent> = abstract new (...args: never[]) => E;

const declared = new Map<EventClass, { mustBeHandled: boolean }>();

/**
 * Declares a class of events, which is required before one can be emitted. The service does not start where no handler
 * acts on it.
 */
export const MustBeHandled =
  () =>
  (type: EventClass): void =>
    void declared.set(type, { mustBeHandled: true });

/** Declares a class of events that need no handler of their own: handlers of all events still receive them. */
export const MayBeUnhandled =
  () =>
  (type: EventClass): void =>
    void declared.set(type, { mustBeHandled: false });

export const isDeclared = (type: EventClass): boolean => declared.has(type);

export const eventsToHandle = (): EventClass[] =>
  [...declared].filter(([, { mustBeHandled }]) => mustBeHandled).map(([type]) => type);

/** Returns the class and its base classes, the most general one first. */
export function lineageOf(type: EventClass): EventClass[] {
  if (type === DomainEvent) return [type];
  return [...lineageOf(Object.getPrototypeOf(type) as EventClass), type];
}
