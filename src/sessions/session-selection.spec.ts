import { describe, expect, it } from 'vitest';
import { conditionOf, type SessionSelection } from './session-selection.js';

describe('a selection of sessions', () => {
  it('combines what it names, each value in a parameter of its own', () => {
    const [condition, values] = conditionOf({ userId: 'u', createdBefore: new Date(0), except: 's' });
    expect(condition).toMatch(/^s\.user_id = \$1 AND s\.created_at < \$2 AND s\.id <> \$3 AND /);
    expect(values).toEqual(['u', new Date(0), 's']);
  });

  it('skips what is absent', () => {
    expect(conditionOf({ id: 'x', userId: undefined })).toEqual(['s.id = $1', ['x']]);
  });

  it('means everybody only where that is said', () => {
    expect(conditionOf({ everybody: true })).toEqual(['true', []]);
    expect(conditionOf({ everybody: true, except: 's' })).toEqual([expect.stringMatching(/^s\.id <> \$1 AND /), ['s']]);
  });

  it.each<SessionSelection>([{}, { userId: undefined }, { except: 's' }, { except: 's', id: undefined }])(
    'refuses %j, which would be everybody by accident',
    (selection) => expect(() => conditionOf(selection)).toThrow('All sessions'),
  );
});
