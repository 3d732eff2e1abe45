import { inspect } from 'node:util';

const LONGEST = 120;

/**
 * Describes for the operator's log which check refused something, the expected and the found value. The found value
 * comes from a stranger: it is shown on one line, escaped and cut.
 */
export function reasonOf(check: string, expected: unknown, found: unknown): string {
  return `${check}: expected ${cut(typeof expected === 'string' ? expected : shown(expected))}, found ${shown(found)}`;
}

function shown(value: unknown): string {
  if (value === undefined) return 'nothing';
  return cut(
    inspect(value, { depth: 2, breakLength: Infinity, compact: true, maxStringLength: LONGEST, maxArrayLength: 8 }),
  );
}

const cut = (text: string): string => (text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text);
