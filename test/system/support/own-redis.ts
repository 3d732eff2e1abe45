import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { Redis } from 'ioredis';
import { until } from './processes.js';
import { freePort } from './free-port.js';

/** A Redis of Debian, in memory, on a free port of the loopback. */
export class OwnRedis {
  private server: ChildProcess | null = null;

  private constructor(private readonly port: number) {}

  static async start(): Promise<OwnRedis> {
    const redis = new OwnRedis(await freePort());
    await redis.startAgain();
    return redis;
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  async startAgain(): Promise<void> {
    const options = ['--port', String(this.port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'];
    this.server = spawn('redis-server', options, { stdio: 'ignore', detached: true });
    await until('Redis listens', () => this.listens());
  }

  /** kill -9: what it counted is lost. */
  async kill(): Promise<void> {
    this.server!.kill('SIGKILL');
    await once(this.server!, 'exit');
  }

  /** The names of everything that it holds. */
  async keys(): Promise<string[]> {
    const client = new Redis(this.url);
    try {
      return await client.keys('*');
    } finally {
      client.disconnect();
    }
  }

  private listens(): Promise<boolean> {
    return new Promise((resolve) => {
      const socket = connect(this.port, '127.0.0.1', () => resolve(true)).on('error', () => resolve(false));
      socket.once('connect', () => socket.destroy());
    });
  }
}
