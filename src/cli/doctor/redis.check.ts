import type { Config } from '../../platform/config/config.js';
import { fail, ok, type Finding } from './finding.js';

const PATIENCE_MS = 2_000;

/** Examines whether Redis, which counts attempts for all instances, answers. */
export async function checkRedis(config: Config): Promise<Finding[]> {
  if (config.redisUrl === null)
    return [ok('limits', 'each instance counts attempts for itself; REDIS_URL shares them')];
  const { Redis } = await import('ioredis');
  const redis = new Redis(config.redisUrl, {
    lazyConnect: true,
    connectTimeout: PATIENCE_MS,
    commandTimeout: PATIENCE_MS,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
  });
  let reason = '';
  redis.on('error', (error: Error) => (reason = error.message));
  try {
    await redis.connect();
    await redis.ping();
    return [ok('limits', 'Redis answers')];
  } catch (error) {
    const text = `Redis does not answer: ${reason || (error as Error).message}`;
    return [fail('limits', text, 'Start Redis, or correct REDIS_URL; until then each instance counts for itself.')];
  } finally {
    redis.disconnect();
  }
}
