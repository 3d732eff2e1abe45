import { describe, expect, it } from 'vitest';
import { testFormGate } from '../../../test/vectors/form-gate.js';
import { compactTokenOf } from './form-gate.js';

describe('the form gate', () => {
  testFormGate((token) => compactTokenOf(token)?.header ?? null);

  it('cuts a token at its dots', () =>
    expect(compactTokenOf('AA.AAA.AAAA')).toEqual({
      header: 'AA',
      payload: 'AAA',
      signature: 'AAAA',
      signingInput: 'AA.AAA',
    }));
});
