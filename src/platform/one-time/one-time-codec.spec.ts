import { describe, expect, it } from 'vitest';
import { OneTimeCodec } from './one-time-codec.js';

const ID = '0b6f3c9e-6a0e-4a35-9a51-0f4f6a3a9d11';
const OTHER = '5d0f9be0-1d0e-4f35-8c7a-ffbb1a6a2a10';
const codec = new OneTimeCodec(Buffer.alloc(32, 7));
const elsewhere = new OneTimeCodec(Buffer.alloc(32, 8));

describe('the token of a value that works once', () => {
  const token = codec.tokenOf('recovery', ID);

  it('is the same at every time, 47 characters, and leads to its value', () => {
    expect(token).toMatch(/^cso_[\w-]{43}$/);
    expect(codec.tokenOf('recovery', ID)).toBe(token);
    expect(codec.idOf('recovery', token)).toBe(ID);
  });

  it('is of one purpose, one value and one SECRET_KEY', () => {
    expect(codec.idOf('verification', token)).toBeNull();
    expect(elsewhere.idOf('recovery', token)).toBeNull();
    expect(codec.tokenOf('recovery', OTHER)).not.toBe(token);
  });

  it('is refused in every other spelling', () => {
    const last = token.at(-1)!;
    const sibling = String.fromCharCode(last.charCodeAt(0) + 1);
    const spellings = [
      `${token}=`,
      ` ${token}`,
      `${token}\n`,
      token.slice(4),
      token.toUpperCase(),
      '',
      'cso_',
      `${token}A`,
    ];
    for (const spelling of [...spellings, token.slice(0, -1) + sibling]) {
      expect(codec.idOf('recovery', spelling)).toBeNull();
    }
  });

  it('is refused with any bit changed', () => {
    const bytes = Buffer.from(token.slice(4), 'base64url');
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const changed = Buffer.from(bytes);
      changed[bit >> 3]! ^= 1 << (bit & 7);
      expect(codec.idOf('recovery', `cso_${changed.toString('base64url')}`)).toBeNull();
    }
  });
});

describe('the code of a value that works once', () => {
  it('is six digits of one purpose, one value and one SECRET_KEY', () => {
    const code = codec.codeOf('recovery', ID);
    expect(code).toMatch(/^\d{6}$/);
    expect(codec.codeOf('recovery', ID)).toBe(code);
    const others = [
      codec.codeOf('verification', ID),
      codec.codeOf('recovery', OTHER),
      elsewhere.codeOf('recovery', ID),
    ];
    expect(others).not.toContain(code);
  });

  it('keeps its zeros in front, and all first digits come', () => {
    const ids = Array.from({ length: 500 }, (_, n) => `00000000-0000-4000-8000-${n.toString(16).padStart(12, '0')}`);
    const codes = ids.map((id) => codec.codeOf('recovery', id));
    expect(codes.every((code) => /^\d{6}$/.test(code))).toBe(true);
    expect(new Set(codes.map((code) => code[0])).size).toBe(10);
  });

  it('finds its value among several, and nothing else does', () => {
    const code = codec.codeOf('recovery', OTHER);
    expect(codec.matching('recovery', [ID, OTHER], code)).toBe(OTHER);
    expect(codec.matching('recovery', [ID], code)).toBeNull();
    expect(codec.matching('recovery', [], code)).toBeNull();
    for (const wrong of ['', code.slice(1), `${code}0`, ` ${code}`, '١٢٣٤٥٦', 'no code']) {
      expect(codec.matching('recovery', [ID, OTHER], wrong)).toBeNull();
    }
  });
});
