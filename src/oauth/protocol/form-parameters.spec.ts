import { describe, expect, it } from 'vitest';
import { parametersOf } from './form-parameters.js';
import { TokenRequestDto } from '../oauth.dto.js';

const read = (...parameters: [string, string][]) => parametersOf(TokenRequestDto, new Map(parameters));
const refusal = (code: string) => expect.objectContaining({ code }) as Error;
const GRANT: [string, string] = ['grant_type', 'client_credentials'];

describe('the parameters of a form', () => {
  it('are those that are known; others are ignored', () => {
    const parameters = read(GRANT, ['scope', 'a'], ['nonsense', 'x']);
    expect(parameters).toBeInstanceOf(TokenRequestDto);
    expect(JSON.parse(JSON.stringify(parameters))).toEqual({ grant_type: 'client_credentials', scope: 'a' });
  });

  it.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty', '__defineGetter__'])('are never %s', (name) => {
    const parameters = read(GRANT, [name, 'x']);
    expect(parameters).toBeInstanceOf(TokenRequestDto);
    expect(Object.hasOwn(parameters, name)).toBe(false);
    expect(() => read([name, 'x'])).toThrow(refusal('invalid_request'));
  });

  it('are checked', () => {
    expect(() => read()).toThrow(refusal('invalid_request'));
    expect(() => read(['grant_type', 'x'.repeat(101)])).toThrow(refusal('invalid_request'));
    expect(() => read(GRANT, ['scope', 'x'.repeat(5001)])).toThrow(refusal('invalid_request'));
  });

  it('are those of a form', () => {
    expect(() => parametersOf(TokenRequestDto, undefined)).toThrow(refusal('invalid_request'));
    expect(() => parametersOf(TokenRequestDto, { grant_type: 'x' })).toThrow(refusal('unsupported_media_type'));
  });
});
