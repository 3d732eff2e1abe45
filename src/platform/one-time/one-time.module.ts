import { Global, Module } from '@nestjs/common';
import { OneTimeValues } from './one-time-values.js';

/** Values that work once. */
@Global()
@Module({ providers: [OneTimeValues], exports: [OneTimeValues] })
export class OneTimeModule {}
