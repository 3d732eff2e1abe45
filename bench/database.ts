import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { built } from './built.js';

/** The embedded PostgreSQL on a folder of its own, with the durable settings that the service ships. */
export class BenchDatabase {
  /** The process id of the postmaster. */
  readonly pid: number;
  private readonly url: string;
  private readonly end: () => Promise<void>;

  static async start(): Promise<BenchDatabase> {
    const { startEmbeddedPostgres } = await built.embeddedPostgres();
    const directory = await mkdtemp(join(tmpdir(), 'countersign-bench-'));
    const server = await startEmbeddedPostgres({ dataDirectory: directory, database: 'postgres', role: 'countersign' });
    return new BenchDatabase(server.url, server.pid, async () => {
      await server.stop();
      await rm(directory, { recursive: true, force: true });
    });
  }

  private constructor(url: string, pid: number, end: () => Promise<void>) {
    this.url = url;
    this.pid = pid;
    this.end = end;
  }

  /** Creates an empty database. @returns its URL */
  async create(name: string): Promise<string> {
    await query(this.url, `CREATE DATABASE ${name}`);
    return this.urlOf(name);
  }

  urlOf(name: string): string {
    const url = new URL(this.url);
    url.pathname = `/${name}`;
    return url.href;
  }

  stop(): Promise<void> {
    return this.end();
  }
}

/** Runs one statement on a connection of its own. */
export async function query(url: string, text: string, values: unknown[] = []): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(text, values);
  } finally {
    await client.end();
  }
}
