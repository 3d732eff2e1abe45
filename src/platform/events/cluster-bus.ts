import { randomBytes } from 'node:crypto';
import { Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { Client } from 'pg';
import type { EntityManager } from 'typeorm';
import { Config } from '../config/config.js';
import { reasonOf } from '../database/start-reason.js';
import { Jobs } from '../jobs/jobs.js';

const CHANNEL = 'countersign';
const RECONNECT_AFTER_MS = 1_000;
const BEAT_MS = 2_000;

type Wake = () => Promise<void>;

/**
 * Wakes all instances of the service by PostgreSQL's LISTEN/NOTIFY. A wake-up is a hint and may be lost: a
 * listener reads the truth from its table, and polls besides.
 */
@Injectable()
export class ClusterBus implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger(ClusterBus.name);
  private readonly listeners = new Map<string, Wake[]>();
  private client: Client | null = null;
  private retry: NodeJS.Timeout | undefined;
  private closed = false;
  private deaf = false;

  constructor(
    private readonly config: Config,
    private readonly jobs: Jobs,
  ) {}

  /** Registers a listener. Returns a function that removes it. */
  on(topic: string, wake: Wake): () => void {
    this.listeners.set(topic, [...(this.listeners.get(topic) ?? []), wake]);
    return () => {
      const others = this.listeners.get(topic)?.filter((other) => other !== wake) ?? [];
      if (others.length > 0) this.listeners.set(topic, others);
      else this.listeners.delete(topic);
    };
  }

  /** Wakes all listeners to one of the topics, once the transaction of `manager` commits. */
  async notify(topics: string | readonly string[], manager: EntityManager): Promise<void> {
    await manager.query('SELECT pg_notify($1, topic) FROM unnest($2::text[]) AS topic', [CHANNEL, [topics].flat()]);
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
    const url = this.config.databaseDirectUrl ?? this.config.databaseUrl!;
    const client = new Client({
      connectionString: url,
      application_name: 'countersign-listener',
      connectionTimeoutMillis: 5_000,
      keepAlive: true,
    });
    let lost = false;
    let beat: NodeJS.Timeout | undefined;
    const lose = (reason = new Error('the connection was closed')) => {
      if (lost) return;
      lost = true;
      clearInterval(beat);
      this.client = null;
      client.end().catch(() => undefined);
      if (this.closed) return;
      if (!this.deaf) this.logger.warn(`Wake-ups of other instances are not heard: ${reasonOf(reason, url)}`);
      this.deaf = true;
      this.retry = setTimeout(() => void this.connect(), RECONNECT_AFTER_MS).unref();
    };
    client.on('error', lose);
    client.on('end', () => lose());
    client.on('notification', ({ payload }) => this.wake(this.listeners.get(payload ?? '') ?? []));
    try {
      await client.connect();
      await client.query(`LISTEN ${CHANNEL}`);
      beat = await this.startBeat(client, lose);
      this.client = client;
      if (this.deaf) this.logger.log('Wake-ups of other instances are heard again.');
      this.deaf = false;
      // Notifications that were sent while nobody listened are lost, so all listeners look now.
      this.wake([...this.listeners.values()].flat());
    } catch (error) {
      lose(error as Error);
    }
  }

  /**
   * Sends a notification to itself at intervals: a network that drops all packets tells neither end, so only an echo
   * shows that the connection lives.
   */
  private async startBeat(client: Client, lose: (reason: Error) => void): Promise<NodeJS.Timeout> {
    const channel = `${CHANNEL}_${randomBytes(8).toString('hex')}`;
    let heard = true;
    client.on('notification', (notification) => (heard ||= notification.channel === channel));
    await client.query(`LISTEN ${channel}`);
    return setInterval(() => {
      if (!heard) return lose(new Error('the connection is silent'));
      heard = false;
      client.query(`NOTIFY ${channel}`).catch(lose);
    }, BEAT_MS).unref();
  }

  private wake(listeners: Wake[]): void {
    for (const listener of listeners) {
      listener().catch((error: unknown) =>
        this.logger.warn(`A listener failed and will catch up later: ${String(error)}`),
      );
    }
  }
}
