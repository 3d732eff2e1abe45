import { describe, expect, it } from 'vitest';
import { decodeFrame, decodeSnapshot } from './feed-frame.js';

const ISSUER = 'https://auth.example.com';
const FRAME = { iat: 1795400000.123, seq: 42, n: 1 };
const frameOf = (members: unknown) => decodeFrame(Buffer.from(JSON.stringify(members)));

describe('a frame', () => {
  it('is decoded whole', () =>
    expect(
      frameOf({
        ...FRAME,
        n: 3,
        sessions: { '1795400700': '3q2-7wAAAA_____w__8A', '1795400760': 'AAAAAAAAAA' },
        users: { alice: 1795399999 },
        clients: { web: 1795399998.5 },
        keys: { k1: 1795399997 },
        all: 1795399996,
        nonce: 'n0',
        future: true,
      }),
    ).toEqual({
      feedTime: 1795400000.123,
      seq: 42,
      after: 39,
      sessions: [
        [1795400700, ['3q2-7wAAAA', '_____w__8A']],
        [1795400760, ['AAAAAAAAAA']],
      ],
      users: [['alice', 1795399999]],
      clients: [['web', 1795399998.5]],
      keys: [['k1', 1795399997]],
      all: 1795399996,
      nonce: 'n0',
    }));

  it('is a heartbeat where it has no content', () =>
    expect(frameOf({ ...FRAME, n: 0 })).toEqual({
      feedTime: FRAME.iat,
      seq: 42,
      after: 42,
      sessions: [],
      users: [],
      clients: [],
      keys: [],
      all: 0,
      nonce: null,
    }));

  it('takes an id that is called like a member of objects for an id', () =>
    expect(decodeFrame(Buffer.from('{"iat":1,"seq":1,"n":1,"users":{"__proto__":5}}')).users).toEqual([
      ['__proto__', 5],
    ]));

  it.each<[string, unknown]>([
    ['null', null],
    ['a list', []],
    ['a text', 'frame'],
    ['no iat', { seq: 42, n: 1 }],
    ['iat as text', { ...FRAME, iat: '1795400000' }],
    ['a negative iat', { ...FRAME, iat: -1 }],
    ['no seq', { iat: 1, n: 0 }],
    ['seq with a fraction', { ...FRAME, seq: 4.5 }],
    ['a negative seq', { ...FRAME, seq: -1, n: 0 }],
    ['seq as text', { ...FRAME, seq: '42' }],
    ['no n', { iat: 1, seq: 42 }],
    ['a negative n', { ...FRAME, n: -1 }],
    ['more numbers than there are', { ...FRAME, n: 43 }],
    ['sessions as a list', { ...FRAME, sessions: ['3q2-7wAAAA'] }],
    ['sessions as null', { ...FRAME, sessions: null }],
    ['sessions until no time', { ...FRAME, sessions: { soon: '3q2-7wAAAA' } }],
    ['half a fingerprint', { ...FRAME, sessions: { 1795400700: '3q2-7wAAAAxxxxx' } }],
    ['no fingerprint', { ...FRAME, sessions: { 1795400700: '' } }],
    ['a foreign alphabet', { ...FRAME, sessions: { 1795400700: '3q2+7wAAAA' } }],
    ['a line end after a fingerprint', { ...FRAME, sessions: { 1795400700: '3q2-7wAAAA\n' } }],
    ['fingerprints as a list', { ...FRAME, sessions: { 1795400700: ['3q2-7wAAAA'] } }],
    ['users as a list', { ...FRAME, users: [1] }],
    ['an epoch as text', { ...FRAME, users: { alice: '1795400000' } }],
    ['an epoch of a client as null', { ...FRAME, clients: { web: null } }],
    ['a key without a time', { ...FRAME, keys: { k1: true } }],
    ['everybody as text', { ...FRAME, all: '1' }],
    ['a nonce that is a number', { ...FRAME, nonce: 1 }],
  ])('is refused: %s', (_, members) => expect(() => frameOf(members)).toThrow('malformed'));

  it.each(['', '{', '{"iat":1e999,"seq":1,"n":0}', 'undefined'])('is refused: %j', (text) =>
    expect(() => decodeFrame(Buffer.from(text))).toThrow('malformed'),
  );
});

describe('a snapshot', () => {
  const HEAD = { iss: ISSUER, iat: 1795400000.5, seq: 42, sessions: [[1795400700, 2]] as unknown };
  const BYTES = Buffer.from('deadbeef000000ffffffffffff0a', 'hex');
  const snapshotOf = (head: unknown, bytes = BYTES) =>
    decodeSnapshot(Buffer.concat([Buffer.from(`${JSON.stringify(head)}\n`), bytes]), ISSUER);

  it('is decoded whole, also where a fingerprint contains a line feed', () =>
    expect(snapshotOf({ ...HEAD, users: { alice: 5 }, clients: {}, keys: { k1: 6 }, all: 7, future: 1 })).toEqual({
      feedTime: 1795400000.5,
      seq: 42,
      after: -1,
      sessions: [[1795400700, ['3q2-7wAAAA', '________Cg']]],
      users: [['alice', 5]],
      clients: [],
      keys: [['k1', 6]],
      all: 7,
      nonce: null,
    }));

  it('may have nothing in it', () => {
    const { sessions: _, ...head } = HEAD;
    expect(snapshotOf(head, Buffer.alloc(0))).toMatchObject({ seq: 42, sessions: [], all: 0 });
    expect(snapshotOf({ ...HEAD, sessions: [] }, Buffer.alloc(0)).sessions).toEqual([]);
  });

  it('names sessions as frames do', () => {
    const sid = Buffer.from('0190f3a45b6c7def8123456789abcdef', 'hex');
    const { sessions } = snapshotOf({ ...HEAD, sessions: [[9, 1]] }, sid.subarray(9));
    expect(sessions).toEqual([[9, [sid.toString('base64url').slice(12)]]]);
  });

  it.each<[string, unknown, Buffer?]>([
    ['another issuer', { ...HEAD, iss: 'https://evil.example' }],
    ['no issuer', { ...HEAD, iss: undefined }],
    ['no iat', { ...HEAD, iat: undefined }],
    ['no seq', { ...HEAD, seq: undefined }],
    ['a list', []],
    ['sessions as an object', { ...HEAD, sessions: { 1795400700: 2 } }],
    ['a group that is none', { ...HEAD, sessions: [2] }],
    ['a group without a count', { ...HEAD, sessions: [[1795400700]] }],
    ['a negative count', { ...HEAD, sessions: [[1795400700, -1]] }],
    ['a count with a fraction', { ...HEAD, sessions: [[1795400700, 1.5]] }],
    ['a count beyond all memory', { ...HEAD, sessions: [[1795400700, 2 ** 52]] }],
    ['a time as text', { ...HEAD, sessions: [['1795400700', 2]] }],
    ['fewer bytes than counted', HEAD, BYTES.subarray(1)],
    ['more bytes than counted', HEAD, Buffer.concat([BYTES, Buffer.alloc(7)])],
  ])('is refused: %s', (_, head, bytes) => expect(() => snapshotOf(head, bytes)).toThrow('malformed'));

  it.each(['', '{}', 'x\n'])('is refused: %j', (text) =>
    expect(() => decodeSnapshot(Buffer.from(text), ISSUER)).toThrow('malformed'),
  );
});
