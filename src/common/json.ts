/** The most levels of a body. Ours have four at most; a deep body could exhaust the stack of recursive code. */
const MAX_DEPTH = 16;
/** The most values of a body. The longest that we expect acknowledges a thousand events. */
const MAX_VALUES = 4_000;
/** The longest name of a member, in UTF-16 units. */
export const MAX_NAME_LENGTH = 128;

/** The refusal of JSON that can be parsed; `message` gives the reason. */
export class UnsoundJson extends Error {}

const fail = (message: string): never => {
  throw new UnsoundJson(message);
};

/**
 * Parses JSON (RFC 8259) as strictly as the I-JSON profile asks (RFC 7493 2.3): no object has two members of the same
 * name, in whatever spelling, and no member has a name that leads to a prototype. Depth, number of values and length of
 * names are limited, which limits the work of all code that uses the value. Throws `SyntaxError`, {@link UnsoundJson}.
 */
export function parseJson(text: string): unknown {
  const value: unknown = JSON.parse(text);
  // Only objects and arrays have members and depth.
  if (typeof value === 'object' && value !== null) checkStructure(text);
  return value;
}

/**
 * Checks the text, because the parsed value no longer shows members that were there twice. The text is known to be
 * JSON.
 */
function checkStructure(text: string): void {
  /** The names of the members of each object or array around the current position. */
  const open: Set<string>[] = [];
  let values = 1;
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (character === '"') {
      const end = endOfString(text, at);
      if (isMemberName(text, end)) addName(open.at(-1)!, text.slice(at, end));
      at = end - 1;
    } else if (character === '{' || character === '[') {
      if (open.push(new Set()) > MAX_DEPTH) fail(`it is nested more than ${MAX_DEPTH} deep`);
    } else if (character === '}' || character === ']') {
      open.pop();
    } else if (character === ',' && ++values > MAX_VALUES) {
      fail(`it has more than ${MAX_VALUES} values`);
    }
  }
}

/** Returns the index behind the closing quotation mark of the string that begins at `start`. */
function endOfString(text: string, start: number): number {
  let at = start + 1;
  while (text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
  return at + 1;
}

function isMemberName(text: string, end: number): boolean {
  let at = end;
  while (text[at] === ' ' || text[at] === '\t' || text[at] === '\n' || text[at] === '\r') at++;
  return text[at] === ':';
}

function addName(names: Set<string>, quoted: string): void {
  // An escape takes six characters at most (RFC 8259 7).
  if (quoted.length > 6 * MAX_NAME_LENGTH + 2) fail('the name of a member is too long');
  const name = quoted.includes('\\') ? (JSON.parse(quoted) as string) : quoted.slice(1, -1);
  if (name.length > MAX_NAME_LENGTH) fail('the name of a member is too long');
  if (name === '__proto__' || name === 'prototype') fail(`no member may be named ${name}`);
  if (names.has(name)) fail('a member stands twice in one object');
  names.add(name);
}
