import { describe, expect, it } from 'vitest';
import {
  choice,
  duration,
  flag,
  integer,
  key,
  networks,
  origin,
  origins,
  postgresUrl,
  scopes,
  SettingFault,
  text,
  type Setting,
} from './setting.js';

/** Returns the value that a setting reads from a text, or a fault. */
function read<T>(setting: Setting<T>, value: string): T | 'fault' {
  try {
    return setting.parse(value);
  } catch (error) {
    expect(error).toBeInstanceOf(SettingFault);
    return 'fault';
  }
}

const options = { doc: 'a setting' };

describe('a setting', () => {
  it('knows its variable, its form, its documentation, its fallback and whether it is secret', () => {
    const plain = flag('A', { doc: 'doc', fallback: 'true' });
    expect(plain).toMatchObject({ env: 'A', form: '`true`, `false`', doc: 'doc', fallback: 'true', secret: false });
    expect(text('B', { doc: 'doc', secret: true })).toMatchObject({ fallback: null, secret: true });
  });

  it('says what it takes', () => {
    expect(choice('A', ['x', 'y'], options).form).toBe('`x`, `y`');
    expect(integer('A', { min: 1, max: 9 }, options).form).toBe('1 to 9');
    expect(duration('A', { min: '1s', max: '2d' }, options).form).toBe('duration, 1s to 2d');
  });
});

describe('a fault', () => {
  it.each([
    choice('A', ['x', 'y'], { doc: '' }),
    flag('A', { doc: '' }),
    integer('A', { min: 1, max: 9 }, { doc: '' }),
    duration('A', { min: '1s', max: '2d' }, { doc: '' }),
    origin('A', { doc: '' }),
    postgresUrl('A', { doc: '' }),
    origins('A', { doc: '' }),
    networks('A', { doc: '' }),
    key('A', { doc: '' }),
  ])('says what the value must be, and never what it is: $form', (setting) => {
    const messageOf = (value: string): string => {
      try {
        return String(setting.parse(value));
      } catch (error) {
        return (error as SettingFault).message;
      }
    };
    expect(messageOf('?one')).toMatch(/^must /);
    expect(messageOf('?two')).toBe(messageOf('?one'));
  });
});

describe('a text', () => {
  it.each(['x', ' x ', 'ü "\''])('is taken as it is: %j', (value) =>
    expect(read(text('A', options), value)).toBe(value),
  );
});

describe('a choice', () => {
  const setting = choice('A', ['open', 'closed'], options);

  it.each(['open', 'closed'])('is %s', (value) => expect(read(setting, value)).toBe(value));
  it.each(['Open', 'open ', 'ope', 'toString', ''])('is not %j', (value) => expect(read(setting, value)).toBe('fault'));
});

describe('a flag', () => {
  const setting = flag('A', options);

  it('is true or false', () => {
    expect(read(setting, 'true')).toBe(true);
    expect(read(setting, 'false')).toBe(false);
  });
  it.each(['TRUE', '1', '0', 'yes', 'on', 'no', ' true', ''])('is not %j', (value) =>
    expect(read(setting, value)).toBe('fault'),
  );
});

describe('a whole number', () => {
  const setting = integer('A', { min: 2, max: 200 }, options);

  it.each([
    ['2', 2],
    ['007', 7],
    ['200', 200],
  ])('is %s', (value, number) => expect(read(setting, value)).toBe(number));
  it.each(['1', '201', '-2', '+2', '2.0', '2e1', '0x10', ' 2', '2 ', '', '٢', 'NaN', 'Infinity', '9'.repeat(400)])(
    'is not %j',
    (value) => expect(read(setting, value)).toBe('fault'),
  );
});

describe('a duration', () => {
  const setting = duration('A', { min: '30s', max: '2d' }, options);

  it.each([
    ['30s', 30],
    ['90s', 90],
    ['10m', 600],
    ['24h', 86_400],
    ['48h', 172_800],
    ['2d', 172_800],
    ['172800s', 172_800],
  ])('of %s is %d seconds', (value, seconds) => expect(read(setting, value)).toBe(seconds));
  it.each([
    '29s',
    '172801s',
    '3d',
    '49h',
    '60',
    's',
    '1.5m',
    '-1m',
    '1 m',
    '1M',
    '1h30m',
    '1w',
    '1ms',
    ' 1m',
    '1m ',
    '',
  ])('is not %j', (value) => expect(read(setting, value)).toBe('fault'));
});

describe('the URL of the service', () => {
  const setting = origin('A', options);

  it.each([
    ['https://auth.example.com', 'https://auth.example.com'],
    ['https://auth.example.com/', 'https://auth.example.com'],
    ['HTTPS://Auth.Example.COM:443/', 'https://auth.example.com'],
    ['https://example.com/auth', 'https://example.com/auth'],
    ['https://example.com/auth/', 'https://example.com/auth'],
    ['http://localhost:3000', 'http://localhost:3000'],
    ['https://bücher.example', 'https://xn--bcher-kva.example'],
  ])('%s is read as %s', (value, url) => expect(read(setting, value)).toBe(url));
  it.each([
    'auth.example.com',
    '//auth.example.com',
    'ftp://auth.example.com',
    'javascript:alert(1)',
    'https://',
    'https://user@auth.example.com',
    'https://user:secret@auth.example.com',
    'https://:secret@auth.example.com',
    'https://auth.example.com?a=b',
    'https://auth.example.com#a',
    'https://auth.example.com/?',
    'https://auth.example.com/#',
  ])('is not %s', (value) => expect(read(setting, value)).toBe('fault'));
});

describe('the URL of a database', () => {
  const setting = postgresUrl('A', options);

  it.each([
    'postgres://user:secret@db:5432/name',
    'postgresql://db/name?sslmode=require',
    'postgres://user:secret@%2Frun%2Fpostgresql/name',
  ])('is %s', (value) => expect(read(setting, value)).toBe(value));
  it.each([
    'mysql://user:secret@db/name',
    'https://db/name',
    'db:5432/name',
    'postgres://user:sec ret@db:99999/name',
    'postgres:user:secret@db/name',
    'xpostgres://db/name',
    'postgresx://db/name',
  ])('is not %s', (value) => expect(read(setting, value)).toBe('fault'));
});

describe('a list of origins', () => {
  const setting = origins('A', options);

  it.each([
    ['', []],
    [' , ', []],
    ['*', ['*']],
    ['https://app.example.com', ['https://app.example.com']],
    ['https://a.example, http://localhost:5173 ,', ['https://a.example', 'http://localhost:5173']],
  ])('%j is %j', (value, list) => expect(read(setting, value)).toEqual(list));
  it.each([
    'app.example.com',
    'https://app.example.com/',
    'https://app.example.com/path',
    'https://app.example.com:443',
    'https://user@app.example.com',
    'HTTPS://app.example.com',
    'null',
    'file:///',
    'https://a.example https://b.example',
    'https://a.example,nonsense',
    'https://*.example.com',
  ])('is not %j', (value) => expect(read(setting, value)).toBe('fault'));
});

describe('a list of networks', () => {
  const setting = networks('A', options);

  it.each([
    ['', []],
    ['10.0.0.0/8', ['10.0.0.0/8']],
    ['203.0.113.7', ['203.0.113.7']],
    ['10.0.0.0/8, 2001:db8::/32,', ['10.0.0.0/8', '2001:db8::/32']],
    ['203.0.113.7/32,::1/128', ['203.0.113.7/32', '::1/128']],
  ])('%j is %j', (value, list) => expect(read(setting, value)).toEqual(list));
  it.each([
    'loopback',
    'proxy.example.com',
    '10.0.0',
    '010.0.0.1',
    '10.0.0.0/',
    '10.0.0.0/33',
    '10.0.0.0/-1',
    '10.0.0.0/8.0',
    '10.0.0.0/255.0.0.0',
    '10.0.0.0/8/9',
    '2001:db8::/129',
    '/8',
    '10.0.0.0/8 192.168.0.0/16',
    '10.0.0.0/8,nonsense',
    '0.0.0.0/0',
    '::/0',
  ])('is not %j', (value) => expect(read(setting, value)).toBe('fault'));
});

describe('scopes', () => {
  const setting = scopes('A', options);

  it.each([
    ['', []],
    ['orders:read, https://api.example.com/orders.write,', ['orders:read', 'https://api.example.com/orders.write']],
  ])('%j is %j', (value, list) => expect(read(setting, value)).toEqual(list));
  it.each(['orders:read orders:write', 'a"b', 'ä', 'a'.repeat(65)])('is not %j', (value) =>
    expect(read(setting, value)).toBe('fault'),
  );
});

describe('a key', () => {
  const setting = key('A', options);
  const bytes = Buffer.from(Array.from({ length: 33 }, (_, i) => (i * 37 + 250) % 256));
  const of32 = bytes.subarray(0, 32);

  it('is always secret', () => expect((key('A', { ...options, secret: false }) as Setting<unknown>).secret).toBe(true));

  it.each([
    ['base64', of32.toString('base64'), of32],
    ['base64 without padding', of32.toString('base64').replace('=', ''), of32],
    ['base64url', bytes.toString('base64url'), bytes],
    ['hex', of32.toString('hex'), of32],
    ['hex in capitals', of32.toString('hex').toUpperCase(), of32],
  ])('is read from %s', (_, value, expected) => expect(read(setting, value)).toEqual(expected));

  it('has at least 32 bytes', () => {
    expect(read(setting, of32.subarray(1).toString('base64'))).toBe('fault');
    expect(read(setting, of32.subarray(1).toString('hex'))).toBe('fault');
    expect(read(setting, '')).toBe('fault');
  });

  it.each([
    ['one byte over and over', Buffer.alloc(32, 7)],
    ['15 distinct bytes', Buffer.from(Array.from({ length: 64 }, (_, i) => i % 15))],
  ])('is not %s', (_, value) => expect(read(setting, value.toString('base64'))).toBe('fault'));

  it('may have 16 distinct bytes', () => {
    const value = Buffer.from(Array.from({ length: 64 }, (_, i) => i % 16));
    expect(read(setting, value.toString('base64'))).toEqual(value);
  });

  it.each([
    'pass phrase with spaces that is long enough',
    `${of32.toString('base64')}\n`,
    '${SECRET_KEY:?}',
    `=${of32.toString('base64')}`,
  ])('is not text: %j', (value) => expect(read(setting, value)).toBe('fault'));
});
