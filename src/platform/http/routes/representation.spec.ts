import { describe, expect, it } from 'vitest';
import { accepts, acceptsGzip, matchesEntityTag } from './representation.js';

describe('matchesEntityTag', () => {
  it.each([
    ['"a"', true],
    ['W/"a"', true],
    ['"b", W/"a"', true],
    ['*', true],
    ['"b"', false],
    ['a', false],
    [undefined, false],
  ])('%s', (header, expected) => expect(matchesEntityTag(header, '"a"')).toBe(expected));
});

describe('acceptsGzip', () => {
  it.each([
    ['gzip', true],
    ['br, GZIP;q=0.5', true],
    ['deflate, *', true],
    ['gzip;q=0.001', true],
    ['gzip ; q=0', false],
    ['gzip;q=0, *', false],
    ['*;q=0', false],
    ['gzip;q=high', false],
    ['identity', false],
    ['xgzip', false],
    ['', false],
    [undefined, false],
  ])('%s', (header, expected) => expect(acceptsGzip(header)).toBe(expected));
});

describe('whether a media type is asked for by its name', () => {
  const TYPE = 'application/token-introspection+jwt';
  it.each([
    [TYPE, true],
    [`application/json, ${TYPE};q=0.5`, true],
    [TYPE.toUpperCase(), true],
    [`${TYPE};q=0`, false],
    ['*/*', false],
    ['application/*', false],
    ['application/json', false],
    [undefined, false],
  ])('%s', (header, expected) => expect(accepts(header, TYPE)).toBe(expected));
});
