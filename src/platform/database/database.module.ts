import { Global, Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import type { DataSourceOptions } from 'typeorm';
import { Config } from '../config/config.js';
import { dataSourceOptions, openDataSource } from './data-source.js';
import { Database } from './database.js';
import { SingleUse } from './single-use.js';
import { Transactions } from './transactions.js';

@Global()
@Module({
  imports: [
    TypeOrmModule.forRootAsync({
      inject: [Config],
      useFactory: (config: Config) => ({
        ...dataSourceOptions(config),
        directUrl: config.databaseDirectUrl,
        autoLoadEntities: true,
        retryAttempts: 0,
      }),
      dataSourceFactory: (options) => {
        const { directUrl, ...rest } = options as DataSourceOptions & { directUrl: string | null };
        return openDataSource(rest, directUrl);
      },
    }),
  ],
  providers: [Database, Transactions, SingleUse],
  exports: [Database, Transactions, SingleUse],
})
export class DatabaseModule {}
