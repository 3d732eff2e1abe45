/** The pairs of letters of which English words, and many others, mostly consist: a hundred of 676. */
const PAIRS = new Set(
  (
    'th he in er an re on at en nd ti es or te of ed is it al ar st to nt ng se ha as ou io le ve co me de hi ri ro ic ne ea ' +
    'ra ce li ch ll be ma si om ur ca el ta la ns di fo ho pe ec pr no ct us ac ot il tr ly nc et ut ss so rs un lo wa ge ie wh ' +
    'ee wi em ad ol rt po we na ul ni ts mo ow pa im mi ai sh'
  ).split(' '),
);

/** Words that people write in place of a key: words of this documentation and of others, and rows of the keyboard. */
const WORDS =
  /countersign|production|development|insecure|openssl|base64|output|example|password|passwort|geheim|schluessel|secret|private|signing|session|access|change|replace|random|string|characters|minimum|please|bitte|default|config|service|server|super|token|admin|auth|your|this|that|here|with|from|very|long|must|will|ever|never|some|goes|into|prod|test|demo|rand|local|value|key|jwt|the|for|and|not|use|put|qwertyuiop|asdfghjkl|zxcvbnm|0123456789|1234567890|abcdef/gi;

const PRINTABLE = /^[\x20-\x7e]+$/;

/**
 * Tells whether a person may have made up a key: it has words, letters in a row or a repeated part. The entropy
 * decides, not the length. Of keys of 32 random bytes, in any spelling, fewer than one in 10^8 are refused; of longer
 * keys, far fewer.
 */
export function isGuessable(key: Buffer): boolean {
  const text = key.toString('latin1');
  const base64 = key.toString('base64').replace(/=+$/, '');
  return isRepeated(text) || isThoughtOf(base64) || (PRINTABLE.test(text) && isThoughtOf(text));
}

function isThoughtOf(text: string): boolean {
  const pairs = Array.from({ length: text.length - 1 }, (_, index) => text.slice(index, index + 2));
  const inWords = pairs.filter((pair) => PAIRS.has(pair.toLowerCase())).length;
  const inRows = pairs.filter((pair) => Math.abs(pair.charCodeAt(0) - pair.charCodeAt(1)) <= 1).length;
  const known = (text.match(WORDS) ?? []).join('').length;
  return Math.max(inWords, inRows) > pairs.length / 2 || known >= 0.4 * text.length || isRepeated(text);
}

/** Tells whether a text repeats its beginning: then it contains itself, shifted by at most half of its length. */
const isRepeated = (text: string): boolean =>
  Array.from({ length: Math.floor(text.length / 2) }, (_, index) => index + 1).some((period) =>
    text.startsWith(text.slice(period)),
  );

export const guessableFault = (variable: string): string =>
  `${variable} must be random in production, not words or a pattern; \`openssl rand -base64 32\` makes one`;
