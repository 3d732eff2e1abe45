import { describe, expect, it } from 'vitest';
import { parseJson, UnsoundJson } from './json.js';

const many = (count: number, text: string) => Array.from({ length: count }, () => text).join();

describe('JSON', () => {
  it.each([
    '{}',
    '[]',
    '"a"',
    '1',
    'null',
    ' { "a" : 1 , "b" : [ { "a" : 2 } , { "a" : 3 } ] } ',
    '{"a":"\\"b\\":1,\\"b\\":1","b":"{\\"a\\":","":1}',
    '{"a\\\\":1,"a":2,"a\\"":3}',
    '{"A":1,"a":2,"\u0061\u0301":3,"\u00e1":4}',
    '{"a":{"b":1},"b":{"b":1}}',
    '["a","a",{"a":"a"}]',
    '{"toString":1,"constructor":2,"hasOwnProperty":3}',
    `[${many(3_999, '1')}]`,
    `${'['.repeat(16)}${']'.repeat(16)}`,
    `{"${'n'.repeat(128)}":1,"${'\\u006e'.repeat(127)}":1}`,
  ])('is what JSON.parse makes of it: %s', (text) => expect(parseJson(text)).toEqual(JSON.parse(text)));

  it.each([
    '{"a":1,"a":1}',
    '{"a":1,"b":2,"a":3}',
    '{"a":1,"\\u0061":2}',
    '{"\\u0061":1,"a":2}',
    '{"\\u0061":1,"\\u0061":2}',
    '{"a\\/b":1,"a/b":2}',
    '{"\\u000A":1,"\\n":2}',
    '{"\\ud83e\\udd8a":1,"🦊":2}',
    '{ "a" \n:\t1 ,\r"a" : 2}',
    '{"":1,"":2}',
    '[{"a":[{"b":1,"b":2}]}]',
    '{"a":{"b":"{}"},"c":"]","a":1}',
    '{"toString":1,"toString":2}',
  ])('has no member twice: %s', (text) => expect(() => parseJson(text)).toThrow('a member stands twice'));

  it.each(['{"__proto__":1}', '{"\\u005f_proto__":{}}', '[{"a":{"constructor":{"protot\\u0079pe":{}}}}]'])(
    'leads to no prototype: %s',
    (text) => expect(() => parseJson(text)).toThrow(UnsoundJson),
  );

  it.each([
    `[${many(4_001, '1')}]`,
    `{"a":[${many(4_001, '{}')}]}`,
    `${'['.repeat(17)}${']'.repeat(17)}`,
    `${'{"a":'.repeat(17)}1${'}'.repeat(17)}`,
    `{"${'n'.repeat(129)}":1}`,
    `{"${'\\u006e'.repeat(129)}":1}`,
  ])('is bounded: %.30s', (text) => expect(() => parseJson(text)).toThrow(UnsoundJson));

  it.each(['', '{', '{"a":1,}', "{'a':1}", '{"a"}', '{}{}', '{"a":"\t"}'])('is valid: %j', (text) =>
    expect(() => parseJson(text)).toThrow(SyntaxError),
  );
});
