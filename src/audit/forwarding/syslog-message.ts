import type { ForwardedEvent } from './audit-receiver.js';

/** The facility "log audit" (RFC 5424 6.2.1), and severities. */
const FACILITY = 13;
const WARNING = 4;
const INFORMATIONAL = 6;
/** The most that `sequenceId` may be (RFC 5424 7.3.1); it begins again at 1. */
const MAX_SEQUENCE = 2 ** 31 - 1;
const MAX_MSGID = 32;

/** Returns an event as a message of syslog (RFC 5424 6) with the octets before it that count it (RFC 6587, RFC 5425 4.3). */
export function syslogFrame({ seq, at, name, failed, json }: ForwardedEvent, host: string): string {
  const priority = FACILITY * 8 + (failed ? WARNING : INFORMATIONAL);
  const sequence = ((seq - 1) % MAX_SEQUENCE) + 1;
  const header = `<${priority}>1 ${at.toISOString()} ${host} countersign - ${name.slice(0, MAX_MSGID)}`;
  const message = `${header} [meta sequenceId="${sequence}"] ${json}`;
  return `${Buffer.byteLength(message)} ${message}`;
}
