import { shown } from './token-fault.js';

/** A time in seconds since the epoch by the id that it applies to. */
export type Epochs = readonly (readonly [id: string, seconds: number])[];

/** The contents of a frame or a snapshot of the revocation feed. */
export interface Revocations {
  /** The issuer's time up to which the log is known, in seconds with a fraction. */
  readonly feedTime: number;
  /** The last entry of the log that is covered, and the one before the first: (`after`, `seq`]. */
  readonly seq: number;
  /** -1 for a snapshot, which needs nothing before it. */
  readonly after: number;
  /** Fingerprints of sessions, by the time when they can be forgotten. */
  readonly sessions: readonly (readonly [until: number, fingerprints: readonly string[]])[];
  readonly users: Epochs;
  readonly clients: Epochs;
  readonly keys: Epochs;
  /** The epoch of everybody; 0 where there is none. */
  readonly all: number;
}

/** The first event of a stream: a frame that also has the time. */
export interface Hello extends Revocations {
  /** The nonce of the request. */
  readonly nonce: string;
  /** The issuer's time of signing, in seconds with a fraction. */
  readonly now: number;
}

const FINGERPRINT_LENGTH = 10;
const FINGERPRINT_BYTES = 7;
const FINGERPRINTS = /^(?:[\w-]{10})+$/;
const LINE_FEED = 0x0a;

function malformed(member: string): Error {
  return new Error(`The revocation feed is malformed: ${member}`);
}

function isTime(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0;
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function recordOf(value: unknown, member: string): Record<string, unknown> {
  if (value === undefined) return {};
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw malformed(member);
  return value as Record<string, unknown>;
}

function epochsOf(value: unknown, member: string): Epochs {
  return Object.entries(recordOf(value, member)).map(([id, seconds]) => {
    if (!isTime(seconds)) throw malformed(member);
    return [id, seconds] as const;
  });
}

/** Reads the members that frames and snapshots share: all but their numbers and the sessions. */
function commonOf(members: Record<string, unknown>) {
  const { iat, seq, all = 0 } = members;
  if (!isTime(iat)) throw malformed('iat');
  if (!isCount(seq)) throw malformed('seq');
  if (!isTime(all)) throw malformed('all');
  const [users, clients, keys] = (['users', 'clients', 'keys'] as const).map((name) => epochsOf(members[name], name));
  return { feedTime: iat, seq, users: users!, clients: clients!, keys: keys!, all };
}

function parse(json: string): Record<string, unknown> {
  try {
    return recordOf(JSON.parse(json) ?? null, 'payload');
  } catch {
    throw malformed('payload');
  }
}

function fingerprintsOf(text: unknown): string[] {
  if (typeof text !== 'string' || !FINGERPRINTS.test(text)) throw malformed('sessions');
  return Array.from({ length: text.length / FINGERPRINT_LENGTH }, (_, i) =>
    text.slice(i * FINGERPRINT_LENGTH, (i + 1) * FINGERPRINT_LENGTH),
  );
}

/** Decodes the payload of a verified frame. Throws where it is not one. */
export const decodeFrame = (payload: Buffer): Revocations => frameOf(parse(payload.toString()));

/** Decodes the payload of the verified frame that is `hello`. Throws where it is not one. */
export function decodeHello(payload: Buffer): Hello {
  const members = parse(payload.toString());
  const { nonce, now } = members;
  if (typeof nonce !== 'string') throw malformed('nonce');
  if (!isTime(now)) throw malformed('now');
  return { ...frameOf(members), nonce, now };
}

function frameOf(members: Record<string, unknown>): Revocations {
  const common = commonOf(members);
  const { n } = members;
  if (!isCount(n) || n > common.seq) throw malformed('n');
  const sessions = Object.entries(recordOf(members.sessions, 'sessions')).map(([until, text]) => {
    if (!isTime(Number(until))) throw malformed('sessions');
    return [Number(until), fingerprintsOf(text)] as const;
  });
  return { ...common, after: common.seq - n, sessions };
}

/** Decodes the payload of a verified snapshot: JSON, a line feed, fingerprints of 7 bytes. Throws where it is not one. */
export function decodeSnapshot(payload: Buffer, issuer: string): Revocations {
  const lineFeed = payload.indexOf(LINE_FEED);
  if (lineFeed < 0) throw malformed('payload');
  const members = parse(payload.toString('utf8', 0, lineFeed));
  if (members.iss !== issuer) throw malformed(`iss, expected ${issuer}, found ${shown(members.iss)}`);
  const groups: unknown = members.sessions ?? [];
  if (!Array.isArray(groups)) throw malformed('sessions');
  let offset = lineFeed + 1;
  const sessions = groups.map((group: unknown) => {
    const [until, count] = Array.isArray(group) ? (group as unknown[]) : [];
    if (!isTime(until) || !isCount(count) || offset + count * FINGERPRINT_BYTES > payload.length) {
      throw malformed('sessions');
    }
    const start = offset;
    offset += count * FINGERPRINT_BYTES;
    return [
      until,
      Array.from({ length: count }, (_, i) => fingerprintAt(payload, start + i * FINGERPRINT_BYTES)),
    ] as const;
  });
  if (offset !== payload.length) throw malformed('sessions');
  return { ...commonOf(members), after: -1, sessions };
}

const fingerprintAt = (bytes: Buffer, offset: number): string =>
  bytes.toString('base64url', offset, offset + FINGERPRINT_BYTES);
