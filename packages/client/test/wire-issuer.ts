import { createHash, generateKeyPairSync, randomBytes, sign, type KeyObject } from 'node:crypto';

export interface IssuerKey {
  kid: string;
  alg: 'ES256' | 'RS256';
  privateKey: KeyObject;
  publicKey: KeyObject;
}

export interface Revocation {
  sessions?: Record<string, string[]>;
  users?: Record<string, number>;
  clients?: Record<string, number>;
  keys?: Record<string, number>;
  all?: number;
}

interface LogEntry {
  seq: number;
  revocation: Revocation;
}

interface Stream {
  write(text: string): void;
  end(): void;
}

const encoded = (value: string | Buffer) => Buffer.from(value).toString('base64url');

export function newKey(alg: IssuerKey['alg'] = 'ES256', kid = randomBytes(6).toString('base64url')): IssuerKey {
  const pair =
    alg === 'ES256'
      ? generateKeyPairSync('ec', { namedCurve: 'P-256' })
      : generateKeyPairSync('rsa', { modulusLength: 2048 });
  return { kid, alg, ...pair };
}

export const jwkOf = ({ publicKey, kid, alg }: IssuerKey): Record<string, unknown> => ({
  ...publicKey.export({ format: 'jwk' }),
  kid,
  alg,
  use: 'sig',
});

export function signJws(key: IssuerKey, typ: string, payload: string | Buffer, header?: object): string {
  const input = `${encoded(JSON.stringify(header ?? { alg: key.alg, typ, kid: key.kid }))}.${encoded(payload)}`;
  const signature = sign('sha256', Buffer.from(input), { key: key.privateKey, dsaEncoding: 'ieee-p1363' });
  return `${input}.${encoded(signature)}`;
}

/** An issuer that uses the documented wire format behind `fetch`, and does nothing by itself. */
export class WireIssuer {
  readonly issuer = 'https://auth.example.com';
  keys: IssuerKey[] = [newKey()];
  /** The seconds by which its clock is ahead of the wall clock of the test. */
  ahead = 0;
  /** The route that does not answer, or all routes. */
  failing: 'jwks' | 'stream' | 'snapshot' | 'all' | null = null;
  /** Answers a request instead, unless it returns null. */
  override: ((url: URL, request: Request) => Response | Promise<Response | null> | null) | null = null;
  seq = 0;
  readonly log: LogEntry[] = [];
  readonly requests: { route: string; url: URL; headers: Headers }[] = [];
  readonly streams = new Set<Stream>();
  /** The seconds by which its knowledge of the log is behind its clock. */
  behind = 0;
  greeting = (nonce: string): string | null => this.frame({ n: 0, nonce, now: this.now() });

  get key(): IssuerKey {
    return this.keys.at(-1)!;
  }

  now(): number {
    return Date.now() / 1000 + this.ahead;
  }

  count(route: string): number {
    return this.requests.filter((request) => request.route === route).length;
  }

  claims(changes: object = {}) {
    const iat = Math.floor(this.now());
    return {
      iss: this.issuer,
      sub: '0190f3a4-5b6c-7def-8123-456789abcdef',
      aud: 'api',
      exp: iat + 600,
      iat,
      jti: randomBytes(9).toString('base64url'),
      client_id: 'web',
      sid: randomBytes(16).toString('base64url'),
      roles: ['user'],
      ...changes,
    };
  }

  mint(changes: object = {}, key = this.key): string {
    return signJws(key, 'at+jwt', JSON.stringify(this.claims(changes)));
  }

  frame(members: object): string {
    return signJws(this.key, 'rev+jwt', JSON.stringify({ iat: this.now() - this.behind, seq: this.seq, ...members }));
  }

  snapshot(): string {
    const sessions = new Map<string, string[]>();
    const merged: Required<Omit<Revocation, 'sessions'>> = { users: {}, clients: {}, keys: {}, all: 0 };
    for (const { revocation } of this.log) {
      for (const [until, list] of Object.entries(revocation.sessions ?? {})) {
        sessions.set(until, [...(sessions.get(until) ?? []), ...list]);
      }
      Object.assign(merged.users, revocation.users);
      Object.assign(merged.clients, revocation.clients);
      Object.assign(merged.keys, revocation.keys);
      merged.all = Math.max(merged.all, revocation.all ?? 0);
    }
    const groups = [...sessions].map(([until, list]) => [Number(until), list.length]);
    const head = { iss: this.issuer, iat: this.now() - this.behind, seq: this.seq, sessions: groups, ...merged };
    const bytes = [...sessions.values()].flat().map((fingerprint) => Buffer.from(fingerprint, 'base64url'));
    const payload = Buffer.concat([Buffer.from(`${JSON.stringify(head)}\n`), ...bytes]);
    return signJws(this.key, 'rev-snapshot+jwt', payload);
  }

  /** Appends to the log, and sends the entry to the streams unless `quiet`. */
  revoke(revocation: Revocation, { quiet = false } = {}): void {
    this.seq++;
    this.log.push({ seq: this.seq, revocation });
    if (quiet) return;
    this.send(this.frameOf(this.log.at(-1)!));
  }

  revokeSession(sid: string, until = Math.ceil(this.now()) + 660, options?: { quiet?: boolean }): void {
    this.revoke({ sessions: { [until]: [sid.slice(12)] } }, options);
  }

  heartbeat(): void {
    this.send(this.frame({ n: 0 }));
  }

  send(frame: string): void {
    for (const stream of this.streams) stream.write(`id: ${this.seq}\ndata: ${frame}\n\n`);
  }

  endStreams(): void {
    for (const stream of this.streams) stream.end();
  }

  readonly fetch: typeof globalThis.fetch = async (input, init) => {
    const request = new Request(input, init);
    const url = new URL(request.url);
    const route = url.pathname.split('/').at(-1)!.replace('.json', '');
    this.requests.push({ route, url, headers: request.headers });
    const answer = this.override && (await this.override(url, request));
    if (answer) return answer;
    if (this.failing === route || this.failing === 'all') throw new TypeError('fetch failed');
    if (route === 'jwks') return Response.json({ keys: this.keys.map(jwkOf) });
    return route === 'stream' ? this.openStream(url, request.signal) : this.answerSnapshot(request);
  };

  private frameOf({ seq, revocation }: LogEntry): string {
    const joined = Object.entries(revocation.sessions ?? {}).map(([until, list]) => [until, list.join('')]);
    const sessions = revocation.sessions && { sessions: Object.fromEntries(joined) };
    return this.frame({ seq, n: 1, ...revocation, ...sessions });
  }

  private answerSnapshot(request: Request): Response {
    const body = this.snapshot();
    const etag = `"${createHash('sha256').update(body).digest('base64url')}"`;
    if (request.headers.get('if-none-match') === etag) return new Response(null, { status: 304 });
    return new Response(body, { headers: { etag, 'content-type': 'application/jose' } });
  }

  private openStream(url: URL, signal: AbortSignal): Response {
    const encoder = new TextEncoder();
    let stream: Stream;
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => {
        stream = {
          write: (text) => controller.enqueue(encoder.encode(text)),
          end: () => {
            if (this.streams.delete(stream)) controller.close();
          },
        };
        this.streams.add(stream);
        signal.addEventListener('abort', () => {
          if (this.streams.delete(stream)) controller.error(signal.reason);
        });
        const greeting = this.greeting(url.searchParams.get('nonce')!);
        if (greeting) stream.write(`event: hello\ndata: ${greeting}\n\n`);
        const from = url.searchParams.get('from');
        if (from === null || Number(from) > this.seq) stream.write(`event: snapshot\ndata: ${this.snapshot()}\n\n`);
        else this.replay(stream, Number(from));
      },
      cancel: () => {
        this.streams.delete(stream);
      },
    });
    return new Response(body, { headers: { 'content-type': 'text/event-stream; charset=utf-8' } });
  }

  private replay(stream: Stream, from: number): void {
    for (const entry of this.log.filter(({ seq }) => seq > from)) {
      stream.write(`id: ${entry.seq}\ndata: ${this.frameOf(entry)}\n\n`);
    }
  }
}
