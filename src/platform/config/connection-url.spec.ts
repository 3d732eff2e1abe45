import { Redis } from 'ioredis';
import { Client } from 'pg';
import { describe, expect, it } from 'vitest';
import { connectionUrlFault } from './connection-url.js';
import { postgresUrl, redisUrl, SettingFault } from './setting.js';

/**
 * Every printable character of ASCII, at the start, in the middle and at the end, and passwords as people and
 * generators make them.
 */
const PASSWORDS = [
  ...Array.from({ length: 95 }, (_, index) => String.fromCodePoint(32 + index)).flatMap((character) => [
    `${character}Hunter2Hunter2`,
    `Hunter2${character}Hunter2`,
    `Hunter2Hunter2${character}`,
    `1234${character}5678${character}`,
  ]),
  'p@ss/w0rd',
  'a#b?c@d:e',
  'x@y.example/z',
  '12#34@56',
  '%41%zz%',
  '100%sure',
  'tab\tHunter2',
  'line\nHunter2',
  'back\\slash@host',
  'größer-als-früher',
  '🔑@🔒',
  'ends-with@',
  '#starts-with',
  '[::1]:5432/x',
];

const parse = (setting: { parse: (text: string) => unknown }, value: string): string | SettingFault => {
  try {
    return setting.parse(value) as string;
  } catch (error) {
    if (error instanceof SettingFault) return error;
    throw error;
  }
};

const KINDS = [
  {
    name: 'postgres',
    setting: postgresUrl('A', { doc: '' }),
    read: (url: string) => {
      const { host, user, password } = new Client({ connectionString: url });
      return { host, user, password };
    },
  },
  {
    name: 'redis',
    setting: redisUrl('A', { doc: '' }),
    read: (url: string) => {
      const { host, username, password } = new Redis(url, { lazyConnect: true }).options;
      return { host, user: username, password };
    },
  },
];

describe.each(KINDS)('a $name URL with an odd password', ({ name, setting, read }) => {
  const urlOf = (password: string) => `${name}://keeper:${password}@db.example/0`;

  it('is read as it was meant where the password is percent-encoded', () => {
    for (const password of PASSWORDS) {
      const url = urlOf(encodeURIComponent(password));
      expect(parse(setting, url)).toBe(url);
      expect(read(url)).toEqual({ host: 'db.example', user: 'keeper', password });
    }
  });

  it('is read as it was meant or refused where it is not, and the refusal repeats nothing of it', () => {
    const refused = new Set<string>();
    for (const password of PASSWORDS) {
      const url = urlOf(password);
      const value = parse(setting, url);
      if (value instanceof SettingFault) {
        refused.add(password);
        for (const piece of password.match(/[\w.-]{4,}/g) ?? []) expect(value.message).not.toContain(piece);
        expect(value.message).not.toContain('keeper');
      } else if (!/%[0-9a-f]{2}/i.test(password)) {
        expect([password, read(url)]).toEqual([password, { host: 'db.example', user: 'keeper', password }]);
      }
    }
    for (const raw of ['@', '#', '/', '?']) {
      for (const password of [`Hunter2${raw}Hunter2`, `1234${raw}5678${raw}`]) expect(refused).toContain(password);
    }
  });
});

describe('the fault of a URL', () => {
  it.each([
    ['@', '%40'],
    ['#', '%23'],
    ['/', '%2F'],
    ['?', '%3F'],
    ['%', '%25'],
    ['\\', '%5C'],
  ])('names what has to be done: %s', (raw, encoded) => {
    const fault = connectionUrlFault(`postgres://keeper:se${raw}cret@db.example/name`);
    expect(fault).toContain(`"${raw}"`);
    expect(fault).toContain(encoded);
  });

  it('is none for what needs none', () => {
    for (const url of [
      'postgres://db/name',
      'postgres://keeper@db:5432/name?sslmode=require',
      'postgres://keeper:se:cr!et$&*@db/name',
      'postgres://keeper:p%40ss@%2Frun%2Fpostgresql/name',
      'rediss://:secret@[::1]:6379/0',
    ]) {
      expect(connectionUrlFault(url)).toBeNull();
    }
  });
});

describe('a postgres URL with several hosts', () => {
  it.each([
    'postgres://keeper:secret@db1,db2/name?target_session_attrs=read-write',
    'postgres://keeper:secret@db1:5432,db2:5432/name',
    'postgres://keeper:secret@/name?host=db1,db2',
    'postgres://keeper:secret@db/name?host=db1%2Cdb2',
  ])('is refused, and told what to do: %s', (url) => {
    const fault = parse(postgresUrl('A', { doc: '' }), url);
    expect(fault).toBeInstanceOf(SettingFault);
    expect((fault as SettingFault).message).toContain('one host');
  });

  it('is none where a comma is part of the password', () => {
    const url = 'postgres://keeper:a,b@db/name';
    expect(parse(postgresUrl('A', { doc: '' }), url)).toBe(url);
  });
});
