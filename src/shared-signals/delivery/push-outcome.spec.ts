import { describe, expect, it } from 'vitest';
import { errorCode, outcomeOf } from './push-outcome.js';

const answer = (status: number, body = '', contentType = 'application/json') => ({ status, body, contentType });

describe('the answer to a push', () => {
  it.each([202, 200])('%i is done, whatever it says', (status) => {
    expect(outcomeOf(answer(status))).toEqual({ outcome: 'accepted' });
    expect(outcomeOf(answer(status, '{"err":"invalid_key"}'))).toEqual({ outcome: 'accepted' });
  });

  it('400 with an error is one that no retry changes', () => {
    const refused = { outcome: 'refused', why: 'invalid_key' };
    expect(outcomeOf(answer(400, '{"err":"invalid_key","description":"?"}'))).toEqual(refused);
    expect(outcomeOf(answer(400, '{"err":"invalid_key"}', 'application/json; charset=utf-8'))).toEqual(refused);
  });

  it.each([
    answer(400),
    answer(400, 'Bad Request', 'text/html'),
    answer(400, '{"err":"invalid_key"}', 'text/plain'),
    answer(400, '{"err":7}'),
    answer(400, 'null'),
    answer(400, '{"err":"inv'),
    answer(401, '{"err":"authentication_failed"}'),
    answer(204),
    answer(301),
    answer(404, '{"err":"invalid_request"}'),
    answer(429),
    answer(503),
    answer(0),
  ])('%j is a failure', (failed) =>
    expect(outcomeOf(failed)).toEqual({ outcome: 'failed', why: `HTTP ${failed.status}` }),
  );
});

describe('an error code', () => {
  it.each(['invalid_key', 'urn:example:err/1', 'a.b-c'])('%s is logged', (err) => expect(errorCode(err)).toBe(err));
  it.each(['', 'two\nlines', 'a b', 'x'.repeat(101), 7, null, undefined, { toString: 1 }])('%j is not', (err) =>
    expect(errorCode(err)).toBe('unreadable'),
  );
});
