import { describe, expect, it } from 'vitest';
import { syslogFrame } from './syslog-message.js';

const EVENT = { seq: 7, at: new Date(0), name: 'sign_in.failed', failed: true, json: '{"a":1}' };

describe('a message of syslog', () => {
  it('has the octets counted before it, and the parts of RFC 5424', () => {
    const message =
      '<108>1 1970-01-01T00:00:00.000Z auth.example.com countersign - sign_in.failed [meta sequenceId="7"] {"a":1}';
    expect(syslogFrame(EVENT, 'auth.example.com')).toBe(`${message.length} ${message}`);
  });

  it('keeps to the limits of its members', () => {
    const frame = syslogFrame({ ...EVENT, failed: false, seq: 2 ** 31, name: 'x'.repeat(40) }, 'h');
    expect(frame).toContain('<110>1 ');
    expect(frame).toContain(` ${'x'.repeat(32)} [meta sequenceId="1"] `);
  });
});
