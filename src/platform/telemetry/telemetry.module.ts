import { Global, Module } from '@nestjs/common';
import { Metrics } from './metrics.js';
import { RequestMetrics } from './request-metrics.js';

/** Provides the list of metrics. What serves it is loaded by setting alone: see `metrics-server.ts`. */
@Global()
@Module({ providers: [Metrics, RequestMetrics], exports: [Metrics, RequestMetrics] })
export class TelemetryModule {}
