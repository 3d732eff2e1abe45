import { Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { Client } from 'pg';
import type { EntityManager } from 'typeorm';
import { Config } from '../config/config.js';
import { Jobs } from '../jobs/jobs.js';

const CHANNEL = 'countersign';
const RECONNECT_AFTER_MS = 1_000;

type Wake = () => Promise<void>;

/**
 * Wakes all instances of the service by PostgreSQL's LISTEN/NOTIFY. A wake-up is a hint and may be lost: whoever
 * listens reads the truth from its table, and polls besides.
 */
@Injectable()
export class ClusterBus implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger(ClusterBus.name);
  private readonly listeners = new Map<string, Wake[]>();
  private client: Client | null = null;
  private retry: NodeJS.Timeout | undefined;
  private closed = false;

  constructor(
    private readonly config: Config,
    private readonly jobs: Jobs,
  ) {}

  on(topic: string, wake: Wake): void {
    this.listeners.set(topic, [...(this.listeners.get(topic) ?? []), wake]);
  }

  /** Wakes everybody once the transaction of `manager` commits. */
  async notify(topic: string, manager: EntityManager): Promise<void> {
    await manager.query('SELECT pg_notify($1, $2)', [CHANNEL, topic]);
  }

  async onApplicationBootstrap(): Promise<void> {
    if (this.jobs.enabled) await this.connect();
  }

  async onModuleDestroy(): Promise<void> {
    this.closed = true;
    clearTimeout(this.retry);
    await this.client?.end().catch(() => undefined);
  }

  private async connect(): Promise<void> {
    const client = new Client({
      connectionString: this.config.databaseUrl!,
      application_name: 'countersign-listener',
      connectionTimeoutMillis: 5_000,
      keepAlive: true,
    });
    let lost = false;
    const lose = () => {
      if (lost) return;
      lost = true;
      this.client = null;
      client.end().catch(() => undefined);
      if (!this.closed) this.retry = setTimeout(() => void this.connect(), RECONNECT_AFTER_MS).unref();
    };
    client.on('error', lose);
    client.on('end', lose);
    client.on('notification', ({ payload }) => this.wake(this.listeners.get(payload ?? '') ?? []));
    try {
      await client.connect();
      await client.query(`LISTEN ${CHANNEL}`);
      this.client = client;
      // What was sent while nobody listened is lost: catch up.
      this.wake([...this.listeners.values()].flat());
    } catch {
      lose();
    }
  }

  private wake(listeners: Wake[]): void {
    for (const listener of listeners) {
      listener().catch((error: unknown) =>
        this.logger.warn(`A listener failed and will catch up later: ${String(error)}`),
      );
    }
  }
}
