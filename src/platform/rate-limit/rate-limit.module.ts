import { Global, Module } from '@nestjs/common';
import { Config } from '../config/config.js';
import { LimiterStore, MemoryStore, RedisStore } from './limiter-store.js';
import { RateLimiter } from './rate-limiter.js';

@Global()
@Module({
  providers: [
    RateLimiter,
    {
      provide: LimiterStore,
      inject: [Config],
      useFactory: (config: Config) =>
        config.redisUrl === null ? new MemoryStore() : RedisStore.connect(config.redisUrl, config),
    },
  ],
  exports: [RateLimiter],
})
export class RateLimitModule {}
