import { describe, expect, it } from 'vitest';
import { checkPassword, normalizePassword } from './password-policy.js';

const context = { email: 'Jane.Doe+shop@example.com', serviceName: 'Countersign' };
const code = (password: string, overrides: Partial<Parameters<typeof checkPassword>[1]> = {}) =>
  checkPassword(password, { ...context, ...overrides })?.code ?? null;

/** Returns text without a pattern, with the given number of code points. */
const plain = (length: number) =>
  Array.from({ length }, (_, i) => String.fromCodePoint(0x4e00 + ((i * 7919) % 20_000))).join('');

describe('normalizePassword', () => {
  it.each([
    ['composed and decomposed letters', 'pa\u0308sse', 'p\u00e4sse'],
    ['full-width letters', 'ｐａｓｓ', 'pass'],
    ['ligatures', 'ﬁsh', 'fish'],
    ['an ellipsis', 'well…', 'well...'],
    ['a no-break space', 'a\u00a0b', 'a b'],
  ])('makes one of %s', (_, raw, normalized) => expect(normalizePassword(raw)).toBe(normalized));

  it('keeps letter case, and spaces at both ends', () => expect(normalizePassword(' Aa ')).toBe(' Aa '));

  it('leaves alone what is too long to be a password', () => {
    expect(normalizePassword('ﷺ'.repeat(1024))).toHaveLength(18 * 1024);
    expect(normalizePassword('ﷺ'.repeat(1025))).toBe('ﷺ'.repeat(1025));
  });
});

describe('checkPassword', () => {
  it.each(['correct horse battery', 'gF7#kqLm', 'зелёный-дом-у-реки', ' leading and trailing ', 'tab\tand\u0000nul'])(
    'admits %j',
    (password) => expect(code(password)).toBeNull(),
  );

  it('says why, in words', () => {
    expect(checkPassword('short', context)).toEqual({ code: 'too_short', message: 'must have at least 8 characters' });
  });

  describe('length', () => {
    it('is 8 to 256', () => {
      expect(code(plain(7))).toBe('too_short');
      expect(code(plain(8))).toBeNull();
      expect(code(plain(256))).toBeNull();
      expect(code(plain(257))).toBe('too_long');
      expect(code('')).toBe('too_short');
    });

    it('is by setting', () => {
      expect(code(plain(14), { minLength: 15 })).toBe('too_short');
      expect(code(plain(15), { minLength: 15 })).toBeNull();
      expect(code(plain(65), { maxLength: 64 })).toBe('too_long');
      expect(code(plain(64), { maxLength: 64 })).toBeNull();
    });

    it('counts code points, not UTF-16 units', () => {
      expect(code('🦊🐻🐼🐨🐯🦁🐮')).toBe('too_short'); // 14 units
      expect(code('🦊🐻🐼🐨🐯🦁🐮🐷')).toBeNull();
    });

    it('counts the normalised form, whichever is given', () => {
      expect(code('u\u0308'.repeat(2) + 'o\u0308a\u0308A\u0308')).toBe('too_short'); // 10 code points become 5
      expect(code('¸ãqzÈ8¢')).toBe('too_short'); // 7 code points become 8
      expect(code('ﷺ'.repeat(14) + plain(4))).toBeNull(); // 14 × 18 + 4 = 256
      expect(code('ﷺ'.repeat(14) + plain(5))).toBe('too_long');
    });

    it('has room for the longest password in its longest form', () => {
      const raw = Array.from(plain(254)).join('') + 'ᾂ'.repeat(2).normalize('NFD');
      expect(code(raw)).toBeNull();
      const decomposed = ['ᾂ', 'ᾃ'].flatMap((letter, i) =>
        Array.from({ length: 128 }, (_, n) => (n === i ? 'ᾇ' : letter)),
      );
      expect(decomposed.join('').normalize('NFD')).toHaveLength(1024);
      expect(code(decomposed.join('').normalize('NFD'))).toBeNull();
    });

    it('refuses what is too long to be looked at', () => {
      expect(code('\ud800'.repeat(1025))).toBe('too_long');
      expect(code(`a${'\u0301\u0323'.repeat(1_000_000)}`)).toBe('too_long');
    });
  });

  it.each(['\ud83dabcdefgh', 'abcdefgh\udd10', 'abcd\udd10\ud83defgh', '\ud800'])(
    'refuses ill-formed Unicode: %j',
    (password) => {
      expect(code(password)).toBe('ill_formed');
    },
  );

  describe('common passwords', () => {
    it.each([
      'password',
      'iloveyou1',
      'trustno1',
      'qwertyuiop',
      'password123',
      '1q2w3e4r',
      'passw0rd',
      'welcome123',
      'admin123',
    ])('refuses %s', (password) => expect(code(password)).toBe('common'));

    it.each(['PASSWORD', 'PassWord', 'ILoveYou1', 'ＰＡＳＳＷＯＲＤ', 'pａssword'])(
      'in whatever letters: %s',
      (password) => {
        expect(code(password)).toBe('common');
      },
    );

    it.each([
      '88888888',
      'aaaaaaaaaaaa',
      '12121212',
      '12341234',
      'abcabcabc',
      'qwertyqwerty',
      'PasswordPassword',
      '😀😀😀😀😀😀😀😀',
    ])('refuses the repetition %s', (password) => expect(code(password)).toBe('common'));

    it.each([
      '12345678',
      '987654321',
      '0987654321',
      'abcdefgh',
      'zyxwvutsrq',
      'asdfghjkl;',
      'poiuytrewq',
      'qwertzuiop',
    ])('refuses the sequence %s', (password) => expect(code(password)).toBe('common'));

    it.each(['01011990', '31122024', '12311999', '19900101', '2024-02-29', '24.12.1985', '07/04/1976'])(
      'refuses the date %s',
      (password) => {
        expect(code(password)).toBe('common');
      },
    );

    it.each([
      'password of mine', // what it contains is of no concern
      'my iloveyou1',
      '57119302',
      '99999990',
      'gF7#kqLmgF7#kqLm',
      'abcdefgz',
      '2024-02.29',
      '99.99.1999',
    ])('admits %s', (password) => expect(code(password)).toBeNull());
  });

  describe('the name of the service', () => {
    it.each(['countersign', 'COUNTERSIGN', 'Countersign1', 'countersign2026!', 'counter-sign', '!countersign!'])(
      'refuses %s',
      (password) => {
        expect(code(password)).toBe('service_name');
      },
    );

    it.each(['countersign is mine', 'my countersign', 'countersign739201', 'countersign!!!!!!', 'countersig'])(
      'admits %s',
      (password) => {
        expect(code(password)).toBeNull();
      },
    );

    it('has any number of words', () =>
      expect(code('acmeportal1', { serviceName: 'Acme Portal' })).toBe('service_name'));

    it('may have no letters at all', () => expect(code('57119302', { serviceName: '***' })).toBeNull());
  });

  describe('the own address', () => {
    it.each([
      'jane.doe+shop@example.com',
      'JANE.DOE+SHOP@EXAMPLE.COM',
      'Jane.Doe+shop',
      'jane.doe',
      'janedoe1',
      'Jane_Doe2026',
      'ｊａｎｅ.ｄｏｅ',
    ])('refuses %s', (password) => expect(code(password)).toBe('email'));

    it.each(['jane.doe knows more', 'example.com', 'doe.jane'])('admits %s', (password) =>
      expect(code(password)).toBeNull(),
    );

    it('is unknown for some', () => expect(code('jane.doe', { email: undefined })).toBeNull());

    it('may be so short that it says nothing', () => expect(code('al849201', { email: 'al@example.com' })).toBeNull());

    it('may be no address', () => expect(code('jane.doe', { email: 'x' })).toBeNull());
  });
});
