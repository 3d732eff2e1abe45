import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';

type EventClass<E> = abstract new (...args: never[]) => E;
type Handler<E> = (event: E, manager: EntityManager) => Promise<void>;

/**
 * Events handled inside the transaction of their cause: a lower rank says what happens, a higher one acts on it, and
 * both are committed or neither is. A handler that throws undoes the cause.
 */
@Injectable()
export class TransactionalEvents {
  private readonly handlers = new Map<EventClass<unknown>, Handler<never>[]>();

  on<E>(type: EventClass<E>, handler: Handler<E>): void {
    this.handlers.set(type, [...(this.handlers.get(type) ?? []), handler]);
  }

  async emit(event: object, manager: EntityManager): Promise<void> {
    const handlers = (this.handlers.get(event.constructor as EventClass<unknown>) ??
      []) as unknown as Handler<object>[];
    for (const handler of handlers) await handler(event, manager);
  }
}
