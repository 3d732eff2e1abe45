import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { DomainEvent, eventsToHandle, isDeclared, lineageOf, type EventClass } from './domain-event.js';

type Handler<E> = (event: E, manager: EntityManager) => Promise<void>;

/**
 * Calls the handlers of events inside the transaction of their cause: a lower rank emits an event, a higher one acts on
 * it, and both are committed or neither is. A handler that throws rolls the cause back.
 */
@Injectable()
export class TransactionalEvents implements OnApplicationBootstrap {
  private readonly handlers = new Map<EventClass, Handler<never>[]>();

  /** Registers a handler, in `onModuleInit`, for the events of a class and of all its subclasses. */
  on<E extends DomainEvent>(type: EventClass<E>, handler: Handler<E>): void {
    this.handlers.set(type, [...this.handlersOf(type), handler]);
  }

  /**
   * Runs the handlers one after the other, those of the most general class first, so that the locks of the others come
   * last.
   */
  async emit(event: DomainEvent, manager: EntityManager): Promise<void> {
    const type = event.constructor as EventClass;
    if (!isDeclared(type)) throw new Error(`${type.name} is emitted, and declared by no decorator of domain-event.ts`);
    for (const handler of lineageOf(type).flatMap((each) => this.handlersOf<DomainEvent>(each))) {
      await handler(event, manager);
    }
  }

  /**
   * Checks that each event has a handler. Handlers of all events do not count, because they only record what happened.
   */
  onApplicationBootstrap(): void {
    const isHandled = (type: EventClass) =>
      lineageOf(type).some((each) => each !== DomainEvent && this.handlersOf(each).length > 0);
    const unhandled = eventsToHandle().filter((type) => !isHandled(type));
    if (unhandled.length === 0) return;
    throw new Error(`Nobody handles ${unhandled.map(({ name }) => name).join(', ')}, which must be handled`);
  }

  private handlersOf<E extends DomainEvent>(type: EventClass): Handler<E>[] {
    return (this.handlers.get(type) ?? []) as Handler<E>[];
  }
}
