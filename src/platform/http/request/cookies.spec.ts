import { describe, expect, it } from 'vitest';
import { cookiesWithout, cookieValuesOf } from './cookies.js';

const valuesOf = (cookie: string | undefined) => cookieValuesOf({ headers: { cookie } }, 'id');

describe('the values of a cookie', () => {
  it.each([
    ['id=x', ['x']],
    ['a=b; id=x; c=d', ['x']],
    ['a=b;id=x', ['x']],
    ['id=x; id=y', ['x', 'y']],
    ['id=x; id=x', ['x', 'x']],
    ['id=', ['']],
    ['id="x"', ['"x"']],
    ['id=x=y', ['x=y']],
  ])('in %j are %j', (cookie, values) => expect(valuesOf(cookie)).toEqual(values));

  it.each([undefined, '', ';', 'id', 'Id=x', 'xid=x', 'a=id=x', '__Host-id=x', 'i d=x'])('are not in %j', (cookie) =>
    expect(valuesOf(cookie)).toEqual([]),
  );
});

describe('the cookies without one', () => {
  it.each([
    [undefined, ''],
    ['', ''],
    ['id=x', ''],
    ['id=x; id=y', ''],
    ['a=b', 'a=b'],
    ['a=b; id=x; c=d', 'a=b; c=d'],
    ['id=x;a=b', 'a=b'],
    ['xid=x; a=id=x; Id=x', 'xid=x; a=id=x; Id=x'],
    ['a=b,id=x; c=d', 'c=d'],
    ['id=x, a=b', ''],
    ['a=b,c', 'a=b,c'],
  ])('in %j are %j', (cookie, left) => expect(cookiesWithout({ headers: { cookie } }, 'id')).toBe(left));
});
