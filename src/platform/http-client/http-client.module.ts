import { Global, Module } from '@nestjs/common';
import { SsrfSafeHttpClient } from './ssrf-safe-http-client.js';

@Global()
@Module({ providers: [SsrfSafeHttpClient], exports: [SsrfSafeHttpClient] })
export class HttpClientModule {}
