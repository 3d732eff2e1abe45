import { glob } from 'node:fs/promises';
import type { EntityManager } from 'typeorm';
import { describe, expect, it } from 'vitest';
import { ChangeContext } from '../context/change-context.js';
import {
  DomainEvent,
  eventsToHandle,
  isDeclared,
  lineageOf,
  MayBeUnhandled,
  MustBeHandled,
  type EventClass,
} from './domain-event.js';
import { TransactionalEvents } from './transactional-events.js';

abstract class OfNoRecord extends DomainEvent {
  override readonly audit = [];
}

abstract class OfSomething extends OfNoRecord {}

@MustBeHandled()
class Renamed extends OfSomething {}

@MustBeHandled()
class Deleted extends OfSomething {}

@MayBeUnhandled()
class Read extends OfNoRecord {}

class Undeclared extends OfNoRecord {}

const manager = {} as EntityManager;
const origin = [ChangeContext.ofSystem('jobs'), new Date(0)] as const;

/** Makes events, and a record of the handlers that were called. Events that other files declared are handled. */
function scene() {
  const events = new TransactionalEvents();
  const others = eventsToHandle().filter((type) => type !== Renamed && type !== Deleted);
  for (const other of others) events.on(other, () => Promise.resolve());
  const calls: string[] = [];
  const listen = (name: string, type: EventClass) => events.on(type, () => Promise.resolve(void calls.push(name)));
  return { events, calls, listen };
}

describe('events', () => {
  it('are told to those who listen to their class and to its bases, the most general first', async () => {
    const { events, calls, listen } = scene();
    listen('renamed', Renamed);
    listen('something', OfSomething);
    listen('everything', DomainEvent);
    listen('renamed too', Renamed);
    listen('deleted', Deleted);
    await events.emit(new Renamed(...origin), manager);
    expect(calls).toEqual(['everything', 'something', 'renamed', 'renamed too']);
    calls.length = 0;
    await events.emit(new Read(...origin), manager);
    expect(calls).toEqual(['everything']);
  });

  it('stop at a handler that throws, whose error undoes the cause', async () => {
    const { events, calls, listen } = scene();
    events.on(OfSomething, () => Promise.reject(new Error('no')));
    listen('renamed', Renamed);
    await expect(events.emit(new Renamed(...origin), manager)).rejects.toThrow('no');
    expect(calls).toEqual([]);
  });

  it('that nobody handles stop the start, those that may be unhandled do not', () => {
    const { events, listen } = scene();
    listen('renamed', Renamed);
    expect(() => events.onApplicationBootstrap()).toThrow('Nobody handles Deleted, which must be handled');
    listen('something', OfSomething);
    expect(() => events.onApplicationBootstrap()).not.toThrow();
  });

  it('stop the start also where somebody listens to all of them', () => {
    const { events, listen } = scene();
    listen('everything', DomainEvent);
    expect(() => events.onApplicationBootstrap()).toThrow('Nobody handles Renamed, Deleted, which must be handled');
  });

  it('of a class that was not declared cannot be emitted', async () => {
    const { events, calls, listen } = scene();
    listen('everything', DomainEvent);
    await expect(events.emit(new Undeclared(...origin), manager)).rejects.toThrow('Undeclared is emitted');
    expect(calls).toEqual([]);
  });

  it('of the service are declared, every class that is no base of others', async () => {
    const source = new URL('../../', import.meta.url);
    const classes: EventClass[] = [];
    for await (const file of glob('**/*.events.ts', { cwd: source })) {
      const exported = Object.values((await import(new URL(file, source).href)) as Record<string, unknown>);
      classes.push(...(exported.filter((each) => typeof each === 'function') as unknown as EventClass[]));
    }
    const bases = new Set(classes.flatMap((type) => lineageOf(type).slice(0, -1)));
    const emitted = classes.filter((type) => !bases.has(type));
    expect(emitted.length).toBeGreaterThan(5);
    expect(emitted.filter((type) => !isDeclared(type))).toEqual([]);
  });
});
