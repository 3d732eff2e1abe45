import { createRequire } from 'node:module';

const load = createRequire(import.meta.url);

interface PasswordDictionary {
  dictionary: { 'passwords-common': string[] };
}

let list: ReadonlySet<string> | null = null;

/**
 * Returns the commonest passwords of public breaches, in lower case. The first call reads them, which takes some 20 ms;
 * afterwards they are in memory. Only setting a password needs them, so the start does not read them.
 */
function commonPasswords(): ReadonlySet<string> {
  list ??= new Set((load('@zxcvbn-ts/language-common') as PasswordDictionary).dictionary['passwords-common']);
  return list;
}

// The list comes from an estimator that recognises repetitions, sequences and dates by rule. Therefore it lacks common
// ones such as 88888888, 987654321 and 01011990.
const SEQUENCES = [
  'abcdefghijklmnopqrstuvwxyz',
  '0123456789',
  '1234567890-=',
  'qwertyuiop[]',
  'qwertzuiopü+',
  'azertyuiop^$',
  "asdfghjkl;'",
  'zxcvbnm,./',
].flatMap((sequence) => [sequence, Array.from(sequence).toReversed().join('')]);

const DAY = '(?:0[1-9]|[12]\\d|3[01])';
const MONTH = '(?:0[1-9]|1[0-2])';
const YEAR = '(?:19|20)\\d\\d';
const SEPARATOR = '([-./ ]?)';
const DATE = new RegExp(
  [
    `^${DAY}${SEPARATOR}${MONTH}\\1${YEAR}$`,
    `^${MONTH}${SEPARATOR}${DAY}\\2${YEAR}$`,
    `^${YEAR}${SEPARATOR}${MONTH}\\3${DAY}$`,
  ].join('|'),
);

const SHORT_UNIT = 4;

/** Returns the shortest text whose repetition is `text`; `text` itself where there is none. */
function repeatedUnit(text: string): string {
  return text.slice(0, `${text}${text}`.indexOf(text, 1));
}

/**
 * Tells whether `password` as a whole, in any letter case, is one that attackers try first (NIST SP 800-63B-4 3.1.1.2):
 * on the list; a repetition of up to four characters or of an entry of the list; a run of the alphabet, the digits or a
 * row of keys; a date of eight digits. Parts of a password are not checked.
 */
export function isCommonPassword(password: string): boolean {
  const folded = password.toLowerCase();
  if (commonPasswords().has(folded) || DATE.test(folded)) return true;
  if (SEQUENCES.some((sequence) => sequence.includes(folded))) return true;
  const unit = repeatedUnit(folded);
  return unit !== folded && (Array.from(unit).length <= SHORT_UNIT || commonPasswords().has(unit));
}
