import { Agent, request, type ClientRequest, type IncomingMessage } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { compactVerify, createRemoteJWKSet } from 'jose';
import { decodeToken } from './decode-token.js';

/** The most looks for an event: far more than the slowest machine needs, so that only a hang reaches it. */
const MOST_LOOKS = 50_000;

/** A server-sent event as it arrived. */
export interface FeedEvent {
  event: string;
  id: number | null;
  data: string;
  /** Its size on the wire, without the chunk around it. */
  bytes: number;
}

export interface Frame {
  iat: number;
  seq: number;
  n: number;
  sessions?: Record<string, string>;
  users?: Record<string, number>;
  clients?: Record<string, number>;
  keys?: Record<string, number>;
  all?: number;
  nonce?: string;
  now?: number;
}

export interface Snapshot extends Omit<Frame, 'n' | 'sessions'> {
  iss: string;
  sessions: [expiresAt: number, count: number][];
  fingerprints: string[];
}

interface Options {
  from?: number | string;
  nonce?: string;
  token?: string;
  headers?: Record<string, string>;
  path?: string;
}

/** Returns the fingerprint of an access token's session. */
export function fingerprintOf(token: string): string {
  const { sid } = decodeToken<{ sid: string }>(token).claims;
  return sid.slice(-10);
}

/** Returns the fingerprints in a frame. */
const fingerprintsIn = ({ sessions = {} }: Frame): string[] =>
  Object.values(sessions).flatMap((text) => text.match(/.{10}/g) ?? []);

/** Reads the stream of revocations like a foreign verifier: it accepts only what a key of the JWKS has signed. */
export class FeedReader {
  readonly events: FeedEvent[] = [];
  /** Whether the service, or {@link close}, has ended the stream. */
  ended = false;
  private unread = '';

  private constructor(
    private readonly sent: ClientRequest,
    readonly answer: IncomingMessage,
  ) {
    answer.setEncoding('utf8').on('data', (text: string) => this.take(text));
    answer.on('error', () => undefined).on('close', () => (this.ended = true));
  }

  static async open(
    baseUrl: string,
    { from, nonce, token, headers = {}, path = '/revocations/stream' }: Options = {},
  ): Promise<FeedReader> {
    const url = new URL(path, baseUrl);
    if (from !== undefined) url.searchParams.set('from', String(from));
    if (nonce !== undefined) url.searchParams.set('nonce', nonce);
    const sent = request(url, {
      agent: new Agent(),
      headers: { ...headers, ...(token && { authorization: `Bearer ${token}` }) },
    });
    sent.end();
    const answer = await new Promise<IncomingMessage>((resolve, reject) => {
      sent.on('response', resolve).on('error', reject);
    });
    return new FeedReader(sent, answer);
  }

  /** Waits for an event; throws where none comes. */
  async event(is: (event: FeedEvent) => boolean): Promise<FeedEvent> {
    for (let looks = 0; looks < MOST_LOOKS; looks++) {
      const found = this.events.find(is);
      if (found) return found;
      await sleep(2);
    }
    throw new Error(`no such event among ${JSON.stringify(this.events)}`);
  }

  /** Waits for the frame that revokes the session of a token. */
  async frameOf(token: string): Promise<FeedEvent> {
    const fingerprint = fingerprintOf(token);
    return this.event(({ event, data }) => event === '' && fingerprintsIn(claimsOf(data)).includes(fingerprint));
  }

  async end(): Promise<void> {
    for (let looks = 0; !this.ended && looks < MOST_LOOKS; looks++) await sleep(2);
    if (!this.ended) throw new Error('the stream goes on');
  }

  close(): void {
    this.sent.destroy();
  }

  private take(text: string): void {
    const blocks = (this.unread + text).split('\n\n');
    this.unread = blocks.pop()!;
    for (const block of blocks) {
      const fields = new Map(block.split('\n').map((line) => line.split(/:(.*)/s) as [string, string]));
      this.events.push({
        event: fields.get('event') ?? '',
        id: fields.has('id') ? Number(fields.get('id')) : null,
        data: fields.get('data') ?? '',
        bytes: Buffer.byteLength(block) + 2,
      });
    }
  }
}

/** Decodes a frame without verifying its signature. */
export const claimsOf = (jws: string): Frame => decodeToken<Frame>(jws).claims;

/** Decodes a frame. Throws where no key of the JWKS has signed it as one. */
export async function verifiedFrame(baseUrl: string, jws: string): Promise<Frame> {
  return JSON.parse((await verified(baseUrl, jws, 'rev+jwt')).toString()) as Frame;
}

/** Decodes a snapshot likewise. */
export async function verifiedSnapshot(baseUrl: string, jws: string): Promise<Snapshot> {
  const payload = await verified(baseUrl, jws, 'rev-snapshot+jwt');
  const end = payload.indexOf('\n');
  const bytes = payload.subarray(end + 1);
  const fingerprints = Array.from({ length: bytes.length / 7 }, (_, n) =>
    bytes.subarray(7 * n, 7 * n + 7).toString('base64url'),
  );
  return { ...(JSON.parse(payload.subarray(0, end).toString()) as Snapshot), fingerprints };
}

async function verified(baseUrl: string, jws: string, typ: string): Promise<Buffer> {
  const keys = createRemoteJWKSet(new URL('/.well-known/jwks.json', baseUrl));
  const { payload, protectedHeader } = await compactVerify(jws, keys, { algorithms: ['ES256', 'RS256'] });
  if (protectedHeader.typ !== typ) throw new Error(`a ${typ} with the typ ${protectedHeader.typ}`);
  return Buffer.from(payload);
}
