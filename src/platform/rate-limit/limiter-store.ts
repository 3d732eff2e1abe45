import { createHmac } from 'node:crypto';
import { Logger } from '@nestjs/common';
import type { Redis } from 'ioredis';
import { RateLimiterMemory, RateLimiterRedis, type RateLimiterAbstract } from 'rate-limiter-flexible';
import { deriveKey } from '../../common/crypto.js';
import type { Config } from '../config/config.js';

/** One counter per key. */
export interface CounterOptions {
  readonly name: string;
  /** Seconds after which a count is forgotten. */
  readonly window: number;
}

/** The store in which attempts are counted. */
export abstract class LimiterStore {
  /** Creates a counter, whose keys have the form that the store may keep. */
  abstract counter(options: CounterOptions): RateLimiterAbstract;
  abstract keyOf(key: string): string;
  abstract close(): Promise<void>;
}

/** Each instance counts for itself. */
export class MemoryStore extends LimiterStore {
  counter({ name, window }: CounterOptions): RateLimiterAbstract {
    return new RateLimiterMemory({ points: 1, duration: window, keyPrefix: name });
  }

  keyOf(key: string): string {
    return key;
  }

  async close(): Promise<void> {}
}

/** The longest time that an attempt waits for Redis, in milliseconds. Then this instance counts for itself. */
const PATIENCE_MS = 250;
const RECONNECT_MS = 1_000;

/**
 * Counts in Redis for all instances together. While Redis cannot be reached each instance counts for itself, so that no
 * attempt is admitted uncounted and none is refused for it.
 */
export class RedisStore extends LimiterStore {
  private constructor(
    private readonly redis: Redis,
    private readonly keyOfAddresses: ReturnType<typeof deriveKey>,
  ) {
    super();
  }

  static async connect(url: string, config: Config): Promise<RedisStore> {
    const { Redis: Client } = await import('ioredis');
    const logger = new Logger('RateLimit');
    const redis = new Client(url, {
      lazyConnect: true,
      enableOfflineQueue: false,
      maxRetriesPerRequest: 0,
      commandTimeout: PATIENCE_MS,
      connectTimeout: 2_000,
      retryStrategy: () => RECONNECT_MS,
    });
    let away = false;
    redis.on('error', (error: Error) => {
      if (!away) logger.warn(`Redis cannot be reached, and each instance counts attempts for itself: ${error.message}`);
      away = true;
    });
    redis.on('ready', () => {
      if (away) logger.log('Redis is back: attempts are counted together.');
      away = false;
    });
    await redis.connect().catch(() => undefined);
    return new RedisStore(redis, deriveKey(config.secretKey, 'rate-limits'));
  }

  counter({ name, window }: CounterOptions): RateLimiterAbstract {
    return new RateLimiterRedis({
      storeClient: this.redis,
      points: 1,
      duration: window,
      keyPrefix: `countersign:${name}`,
      rejectIfRedisNotReady: true,
      insuranceLimiter: new RateLimiterMemory({ points: 1, duration: window, keyPrefix: name }),
    });
  }

  /** Returns a hash of the key, so that Redis learns no address of a person or of a machine. */
  keyOf(key: string): string {
    return createHmac('sha256', this.keyOfAddresses).update(key).digest('base64url');
  }

  async close(): Promise<void> {
    this.redis.disconnect();
  }
}
