import { describe, expect, it } from 'vitest';
import { ChangeContext } from '../platform/context/change-context.js';
import { entryOf } from './audit-event.js';

const NOW = Date.UTC(2026, 0, 1);
const idAt = (time: number) =>
  entryOf({ event: 'user.read', subject: null }, ChangeContext.ofSystem('jobs'), new Date(time)).id;

describe('the ids of audit events', () => {
  it('are in the order of the events, within a millisecond, and where the clock goes back a little', () => {
    const ids = [0, 0, 1, 1, -3, -3, 0, 2].map((step) => idAt(NOW + step));
    expect(ids.toSorted()).toEqual(ids);
  });

  it('have the time of the event where the clock was set back', () => {
    idAt(NOW);
    expect(idAt(NOW - 3_600_000) < idAt(NOW)).toBe(true);
  });
});
