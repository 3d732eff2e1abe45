import { Agent, request, type ClientRequest, type IncomingMessage } from 'node:http';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import type { TokenResponse } from '../../src/sessions/token.view.js';
import type { Answer } from '../support/http-client.js';
import { isRunning, until } from './support/processes.js';
import { PASSWORD, Scene, type Service } from './support/service.js';

const scene = new Scene();
afterEach(() => scene.clear());

const ROUNDS = 5;
const CONNECTIONS = 12;

/** A client with one connection, which it keeps as long as the service does. */
class KeepAliveClient {
  private readonly agent = new Agent({ keepAlive: true, maxSockets: 1 });
  readonly statuses: number[] = [];
  /** How many of the answers came over a connection that had been used before. */
  reused = 0;
  lost: string | null = null;

  constructor(
    private readonly url: string,
    private readonly choose: () => { method: string; path: string; token?: string; body?: unknown },
    private readonly pause: number,
  ) {}

  /** Sends one request after the other until no new connection is accepted. */
  async run(): Promise<void> {
    for (;;) {
      try {
        this.statuses.push(await this.send());
      } catch (error) {
        const { code, syscall } = error as NodeJS.ErrnoException;
        // There is no connection, so the client may safely go elsewhere. Everything else is a lost request.
        if (syscall !== 'connect') this.lost = `${String(code)} in ${String(syscall)} after ${this.statuses.length}`;
        return this.agent.destroy();
      }
      if (this.pause > 0) await sleep(this.pause);
    }
  }

  private send(): Promise<number> {
    const { method, path, token, body } = this.choose();
    const headers = {
      ...(token && { authorization: `Bearer ${token}` }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
    };
    return new Promise((resolve, reject) => {
      const sent: ClientRequest = request(this.url + path, { agent: this.agent, method, headers }, (answer) => {
        if (sent.reusedSocket) this.reused += 1;
        finished(answer).then(() => resolve(answer.statusCode!), reject);
      });
      sent.on('error', reject);
      sent.end(body === undefined ? undefined : JSON.stringify(body));
    });
  }
}

async function finished(answer: IncomingMessage): Promise<void> {
  answer.resume();
  await new Promise<void>((resolve, reject) => {
    answer.once('end', () => (answer.complete ? resolve() : reject(new Error('the answer was cut'))));
    answer.once('error', reject);
    answer.once('close', () => reject(new Error('the answer was cut')));
  });
}

/** A login whose body arrives in two parts. */
class SlowLogin {
  private readonly socket: Socket;
  private received = '';
  private readonly body: string;
  readonly connected: Promise<void>;

  constructor(url: string, account: unknown) {
    const { hostname, port } = new URL(url);
    this.body = JSON.stringify(account);
    this.socket = connect(Number(port), hostname);
    this.connected = new Promise((resolve) => void this.socket.once('connect', resolve));
    this.socket.on('error', () => undefined).on('data', (chunk: Buffer) => (this.received += chunk.toString()));
    this.socket.write(
      `POST /auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n` +
        `Content-Length: ${Buffer.byteLength(this.body)}\r\n\r\n${this.body.slice(0, 10)}`,
    );
  }

  /** The first line of the answer, once the rest has been sent. */
  async finish(): Promise<string> {
    this.socket.write(this.body.slice(10));
    await new Promise((resolve) => this.socket.once('close', resolve));
    return this.received.split('\r\n')[0]!;
  }
}

async function accountOf(service: Service): Promise<{ account: object; tokens: TokenResponse }> {
  const account = { email: 'alice@example.com', password: PASSWORD };
  await service.http.post('/auth/register', account);
  const { body } = await service.http.post<TokenResponse>('/auth/login', account);
  return { account, tokens: body };
}

/** The first answer by which load balancers hear that the service stops. */
async function notReady(service: Service): Promise<Answer> {
  let ready = await service.http.get('/health/ready');
  await until('the service is not ready', async () => (ready = await service.http.get('/health/ready')).status !== 200);
  return ready;
}

describe('SIGTERM under load', () => {
  it('loses no request of any connection that was accepted, then ends with its database', async () => {
    const folder = scene.folder();
    for (let round = 1; round <= ROUNDS; round += 1) {
      const service = await scene.start({ RATE_LIMITS: 'false' }, folder);
      const { account, tokens } = await accountOf(service);
      const { postmaster } = service;
      const kinds = [
        () => ({ method: 'GET', path: '/auth/me', token: tokens.access_token }),
        () => ({ method: 'GET', path: '/users/me', token: tokens.access_token }),
        () => ({ method: 'POST', path: '/auth/login', body: account }),
      ];
      const clients = Array.from(
        { length: CONNECTIONS },
        (_, index) => new KeepAliveClient(service.url, kinds[index % kinds.length]!, index < 6 ? 0 : 20 * index),
      );
      const runs = Promise.all(clients.map((client) => client.run()));
      await until('every client keeps its connection', () => clients.every(({ reused }) => reused > 0));
      const slow = new SlowLogin(service.url, account);
      await slow.connected;
      // One request after it, so that the service has certainly accepted it.
      expect((await service.http.get('/health/live')).status).toBe(200);
      service.signal('SIGTERM');
      // Nobody new is accepted any more.
      await runs;
      await expect(slow.finish()).resolves.toBe('HTTP/1.1 200 OK');
      await expect(service.exit()).resolves.toEqual({ code: 0, signal: null });
      expect(isRunning(postmaster)).toBe(false);
      expect(clients.flatMap(({ lost }) => lost ?? [])).toEqual([]);
      expect(new Set(clients.flatMap(({ statuses }) => statuses))).toEqual(new Set([200]));
      // Otherwise this was no keep-alive load.
      expect(clients.every(({ reused }) => reused > 0)).toBe(true);
    }
  });

  it('tells load balancers to go elsewhere, and serves whoever comes meanwhile', async () => {
    const service = await scene.start();
    service.signal('SIGTERM');
    const ready = await notReady(service);
    expect(ready.status).toBe(503);
    expect(Number(ready.headers.get('retry-after'))).toBeGreaterThan(0);
    const other = await service.http.get('/.well-known/jwks.json');
    expect(other.status).toBe(200);
    expect(other.headers.get('connection')).toBe('close');
    await expect(service.exit()).resolves.toEqual({ code: 0, signal: null });
  });

  it('does not wait for connections on which nothing was ever sent', async () => {
    const service = await scene.start();
    const { hostname, port } = new URL(service.url);
    const silent = Array.from({ length: 3 }, () => connect(Number(port), hostname).on('error', () => undefined));
    await Promise.all(silent.map((socket) => new Promise((resolve) => socket.once('connect', resolve))));
    // One request after them, so that the service has certainly accepted them.
    expect((await service.http.get('/health/live')).status).toBe(200);
    await expect(service.stop()).resolves.toEqual({ code: 0, signal: null });
  });

  it('a second SIGTERM and a Ctrl-C change nothing', async () => {
    const service = await scene.start();
    service.signal('SIGTERM');
    await notReady(service);
    service.signal('SIGTERM');
    service.signal('SIGINT');
    await expect(service.exit()).resolves.toEqual({ code: 0, signal: null });
  });
});

describe('Ctrl-C', () => {
  it('ends the service and its database', async () => {
    const service = await scene.start();
    const { postmaster } = service;
    service.signal('SIGINT');
    await expect(service.exit()).resolves.toEqual({ code: 0, signal: null });
    expect(isRunning(postmaster)).toBe(false);
  });
});
