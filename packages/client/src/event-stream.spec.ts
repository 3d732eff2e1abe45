import { describe, expect, it } from 'vitest';
import { EventStreamParser } from './event-stream.js';

const parse = (...pieces: string[]) => {
  const parser = new EventStreamParser();
  return pieces.flatMap((piece) => parser.push(piece));
};

const STREAM =
  'event: hello\ndata: a.b.c\n\n: comment\n\nid: 42\ndata: first\ndata: second\n\nevent: snapshot\ndata:x\n\n';
const EVENTS = [
  { type: 'hello', data: 'a.b.c' },
  { type: 'message', data: 'first\nsecond' },
  { type: 'snapshot', data: 'x' },
];

describe('a stream of events', () => {
  it('is read whole', () => expect(parse(STREAM)).toEqual(EVENTS));

  it.each(['\n', '\r', '\r\n'])('is read whatever ends its lines: %j', (end) =>
    expect(parse(STREAM.replaceAll('\n', end))).toEqual(EVENTS),
  );

  it.each(['\n', '\r', '\r\n'])('is read wherever it is cut, its lines ended by %j', (end) => {
    const text = STREAM.replaceAll('\n', end);
    expect(parse(...text)).toEqual(EVENTS);
    for (let cut = 0; cut <= text.length; cut++) expect(parse(text.slice(0, cut), text.slice(cut))).toEqual(EVENTS);
  });

  it('tells an event only when it is complete', () => {
    const parser = new EventStreamParser();
    expect(parser.push('data: a')).toEqual([]);
    expect(parser.push('b\n')).toEqual([]);
    expect(parser.push('\n')).toEqual([{ type: 'message', data: 'ab' }]);
  });

  it('forgets the name of an event without data', () =>
    expect(parse('event: hello\n\ndata: a\n\n')).toEqual([{ type: 'message', data: 'a' }]));

  it('takes one space after the colon away, and no more', () =>
    expect(parse('data:a\n\ndata: b\n\ndata:  c\n\ndata\n\n').map((event) => event.data)).toEqual([
      'a',
      'b',
      ' c',
      '',
    ]));

  it('ignores fields that it does not know', () =>
    expect(parse('retry: 5\nfoo: bar\nbaz\ndata: a\n\n')).toEqual([{ type: 'message', data: 'a' }]));
});

describe('an event that is too long', () => {
  it.each([
    ['in one line', ['data: ', 'x'.repeat(60), 'x'.repeat(60)]],
    ['in one piece', [`data: ${'x'.repeat(120)}`]],
    ['in many lines', Array.from({ length: 20 }, () => 'data: xxxxx\n')],
    ['in many empty lines of data', Array.from({ length: 120 }, () => 'data\n')],
    ['in a comment', [':', 'x'.repeat(60), 'x'.repeat(60)]],
  ])('is refused %s', (_, pieces) => {
    const parser = new EventStreamParser(100);
    expect(() => pieces.forEach((piece) => parser.push(piece))).toThrow('too long');
  });

  it('is not the sum of many short ones', () => {
    const parser = new EventStreamParser(100);
    for (let i = 0; i < 50; i++) expect(parser.push(`data: ${'x'.repeat(80)}\n\n`)).toHaveLength(1);
  });
});
