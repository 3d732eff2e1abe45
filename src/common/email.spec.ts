import { describe, expect, it } from 'vitest';
import { canonicalEmail, foldCase, lowerCaseEmail } from './email.js';

describe('two spellings of one address', () => {
  it.each([
    ['as it is', 'alice@example.com', 'alice@example.com'],
    ['letter case', 'Alice.B@Example.COM', 'alice.b@example.com'],
    ['composed and decomposed letters', 'u\u0308@example.com', '\u00fc@example.com'],
    ['full-width letters', 'Ａｌｉｃｅ@ｅｘａｍｐｌｅ.com', 'alice@example.com'],
    ['a full-width at sign', 'alice＠example.com', 'alice@example.com'],
    ['a full-width full stop', 'alice.b@example．com', 'alice.b@example.com'],
    ['an ideographic full stop', 'alice@example。com', 'alice@example.com'],
    ['ligatures', 'ﬁsh@example.com', 'fish@example.com'],
    ['the Kelvin sign', '\u212aelvin@example.com', 'kelvin@example.com'],
    ['an IDN', 'alice@Bücher.example', 'alice@xn--bcher-kva.example'],
    ['an IDN in ASCII', 'alice@XN--BCHER-KVA.example', 'alice@xn--bcher-kva.example'],
    ['an IDN, decomposed', 'alice@bu\u0308cher.example', 'alice@xn--bcher-kva.example'],
    ['an IDN with a middle dot', 'alice@paral\u00b7lel.example', 'alice@xn--parallel-koa.example'],
    ['another script', 'иван@пример.рф', 'иван@xn--e1afmkfd.xn--p1ai'],
    ['a capital letter that is composed only when small', 'J\u030can@example.com', '\u01f0an@example.com'],
    ['a capital sharp s', 'GRO\u1e9e@example.com', 'gross@example.com'],
    ['a sharp s', 'Groß@example.com', 'gross@example.com'],
    ['a long s', 'Congre\u017fs@example.com', 'congress@example.com'],
    ['a final sigma', '\u03c3\u03bf\u03c6\u03cc\u03c2@example.com', '\u03c3\u03bf\u03c6\u03cc\u03c3@example.com'],
    ['a capital sigma', '\u03a3\u039f\u03a6\u038c\u03a3@example.com', '\u03c3\u03bf\u03c6\u03cc\u03c3@example.com'],
    ['an iota below', '\u1fb3@example.com', '\u03b1\u03b9@example.com'],
    ['a capital sigma in a domain, as IDNA has it', 'a@A\u03a3-b.gr', 'a@xn--a-b-qzc.gr'],
    ['a capital I with a dot', '\u0130@example.com', 'i\u0307@example.com'],
  ])('are equal: %s', (_, raw, canonical) => expect(canonicalEmail(raw)).toBe(canonical));

  it('are not made of two addresses', () => {
    expect(canonicalEmail('adm\u0131n@example.com')).not.toBe(canonicalEmail('admin@example.com'));
    expect(canonicalEmail('a@fass.de')).not.toBe(canonicalEmail('a@faß.de'));
    expect(canonicalEmail('a.b@example.com')).not.toBe(canonicalEmail('ab@example.com'));
    expect(canonicalEmail('a+b@example.com')).not.toBe(canonicalEmail('a@example.com'));
  });
});

describe('the canonical form', () => {
  it.each([
    'Alice+Tag@Example.COM',
    '\u0130\u0307@\u0130.com',
    'ΑΣ@ΑΣ.gr',
    '\u0345\u03b1@x.co',
    'ŉ@ŉ.de',
    'ǰ\u0323@x.co',
  ])('of %j is its own', (raw) => {
    const once = canonicalEmail(raw)!;
    expect(once).not.toBeNull();
    expect(canonicalEmail(once)).toBe(once);
  });

  it('keeps every atom character of RFC 5322 3.2.3', () => {
    const address = "a!#$%&'*+/=?^_`{|}~-z@example.com";
    expect(canonicalEmail(address)).toBe(address);
  });
});

describe('an address', () => {
  it.each([
    ['nothing', ''],
    ['no at sign', 'alice.example.com'],
    ['no local part', '@example.com'],
    ['no domain', 'alice@'],
    ['two at signs', 'alice@evil.example@example.com'],
    ['an at sign that normalising makes', 'alice@evil.example＠example.com'],
    ['a space', 'ali ce@example.com'],
    ['a space around', ' alice@example.com'],
    ['a quoted local part', '"alice"@example.com'],
    ['a comment', 'alice(home)@example.com'],
    ['a display name', 'Alice <alice@example.com>'],
    ['two addresses', 'alice@example.com,bob@example.com'],
    ['a dot first', '.alice@example.com'],
    ['a dot last', 'alice.@example.com'],
    ['two dots', 'al..ice@example.com'],
    ['a dot first that normalising makes', '．alice@example.com'],
    ['dots that normalising makes', 'alice‥b@example.com'],
    ['a control character', 'ali\u0000ce@example.com'],
    ['a line end in the local part', 'alice\r\n@example.com'],
    ['an invisible character', 'ali\u200bce@example.com'],
    ['a soft hyphen', 'ali\u00adce@example.com'],
    ['a lone surrogate', 'ali\ud800ce@example.com'],
    ['one label', 'alice@localhost'],
    ['an IPv4 address', 'alice@127.0.0.1'],
    ['an IPv4 address in another guise', 'alice@0x7f.1'],
    ['an address literal', 'alice@[127.0.0.1]'],
    ['an IPv6 literal', 'alice@[::1]'],
    ['a number as the last label', 'alice@example.123'],
    ['a one-letter last label', 'alice@example.c'],
    ['a root dot', 'alice@example.com.'],
    ['an empty label', 'alice@example..com'],
    ['a hyphen first', 'alice@-example.com'],
    ['a hyphen last', 'alice@example-.com'],
    ['an underscore', 'alice@ex_ample.com'],
    ['a broken IDN', 'alice@xn--\u00fc.example'],
    ['a joiner where none belongs', 'alice@exam\u200dple.com'],
  ])('has not %s', (_, raw) => expect(canonicalEmail(raw)).toBeNull());

  // Node applies IDNA through the WHATWG URL parser, which cuts, skips and decodes characters with a meaning in a URL.
  it.each([
    ['a path', 'alice@example.com/x'],
    ['a backslash', 'alice@example.com\\x'],
    ['a query', 'alice@example.com?x'],
    ['a fragment', 'alice@example.com#x'],
    ['a port', 'alice@example.com:80'],
    ['a percent sign', 'alice@ex%61mple.com'],
    ['a percent-encoded dot', 'alice@example%2ecom'],
    ['a tab', 'alice@exa\tmple.com'],
    ['a line end', 'alice@example.com\n'],
    ['another header', 'alice@example.com?\r\nBcc: eve@example'],
    ['a header after a fragment', 'alice@example.com#\r\nBcc: eve'],
    ['a soft hyphen', 'alice@exa\u00admple.com'],
    ['a full-width solidus', 'alice@example.com／x'],
  ])('does not have %s in its domain', (_, raw) => expect(canonicalEmail(raw)).toBeNull());
});

describe('the length of an address', () => {
  const DOMAIN_OF_200 = `${`${'d'.repeat(49)}.`.repeat(3)}${'d'.repeat(46)}.com`;

  it('is at most 64 octets before the at sign', () => {
    expect(canonicalEmail(`${'a'.repeat(64)}@example.com`)).not.toBeNull();
    expect(canonicalEmail(`${'a'.repeat(65)}@example.com`)).toBeNull();
    expect(canonicalEmail(`${'ü'.repeat(32)}@example.com`)).not.toBeNull();
    expect(canonicalEmail(`${'ü'.repeat(33)}@example.com`)).toBeNull();
  });

  it('is at most 63 characters a label', () => {
    expect(canonicalEmail(`a@${'d'.repeat(63)}.com`)).not.toBeNull();
    expect(canonicalEmail(`a@${'d'.repeat(64)}.com`)).toBeNull();
    expect(canonicalEmail(`a@example.${'d'.repeat(63)}`)).not.toBeNull();
    expect(canonicalEmail(`a@example.${'d'.repeat(64)}`)).toBeNull();
  });

  it('is at most 254 octets', () => {
    expect(DOMAIN_OF_200).toHaveLength(200);
    expect(canonicalEmail(`${'a'.repeat(53)}@${DOMAIN_OF_200}`)).not.toBeNull();
    expect(canonicalEmail(`${'a'.repeat(54)}@${DOMAIN_OF_200}`)).toBeNull();
    expect(canonicalEmail(`${'ü'.repeat(26)}a@${DOMAIN_OF_200}`)).not.toBeNull();
    expect(canonicalEmail(`${'ü'.repeat(27)}@${DOMAIN_OF_200}`)).toBeNull();
  });

  it('is bounded as it was typed, too', () => {
    const label = 'u\u0308'.repeat(25);
    const typed = `alice@${label}.${label}.${label}.${label}.${label}.com`;
    expect(typed.length).toBeGreaterThan(254);
    expect(canonicalEmail(typed.normalize('NFKC'))).not.toBeNull();
    expect(canonicalEmail(typed)).toBeNull();
  });

  it('is that of the canonical form', () => {
    const label = 'ü'.repeat(55); // 61 characters in ASCII
    expect(canonicalEmail(`a@${label}.${label}.${label}.${label}.com`)).not.toBeNull();
    expect(canonicalEmail(`alice@${label}.${label}.${label}.${label}.com`)).toBeNull();
    expect(canonicalEmail(`${'ﷺ'.repeat(2)}@example.com`)).toBeNull();
  });
});

describe('case folding', () => {
  // Lines of CaseFolding.txt with status F. Other letters have no such line, or differ between versions of Unicode.
  it.each([
    ['\u00df', 'ss'],
    ['\u0130', 'i\u0307'],
    ['\u01f0', '\u01f0'],
    ['\u0390', '\u0390'],
    ['\u0587', '\u0565\u0582'],
    ['\u1e9e', 'ss'],
    ['\u1f80', '\u1f00\u03b9'],
    ['\u1ffc', '\u03c9\u03b9'],
    ['\ufb03', 'ffi'],
    ['\ufb17', '\u0574\u056d'],
  ])('of %j is %j', (letter, folded) => expect(foldCase(letter)).toBe(folded));

  it('joins what simple folding joins, for each letter of Unicode, and leaves the dotless i alone', () => {
    const apart: string[] = [];
    for (let code = 0; code <= 0x10ffff; code++) {
      if (code >= 0xd800 && code <= 0xdfff) continue;
      const letter = String.fromCodePoint(code);
      if (letter.toLowerCase() === letter && letter.toUpperCase() === letter) continue;
      // A letter that normalisation changes is compared in its normalised form.
      if (letter.normalize('NFKC') !== letter) continue;
      const folded = foldCase(letter);
      // With the flags i and u, a pattern compares by CaseFolding.txt, C and S (ECMA-262 22.2.2.7.3).
      const equal = [...folded].length === 1 ? new RegExp(`^\\u{${code.toString(16)}}$`, 'iu').test(folded) : true;
      if (!equal || foldCase(folded) !== folded) apart.push(letter);
    }
    expect(apart).toEqual([]);
    expect(foldCase('\u0131')).toBe('\u0131');
  });

  it('shuts out nobody whose address becomes longer', () => {
    const address = `${'\u0390'.repeat(32)}@example.com`;
    expect(lowerCaseEmail(address)).not.toBeNull();
    expect(canonicalEmail(address)).toBe(address);
  });
});
