import cors from '@fastify/cors';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Config } from '../../config/config.js';
import { pageOrigins } from './page-origins.js';

/**
 * Lets the configured browser origins call the API. It does not use `enableCors`, whose preflights lack the common
 * headers.
 */
export function allowOrigins(app: NestFastifyApplication, config: Config): void {
  const pages = pageOrigins(config);
  if (pages.length === 0) return;
  const anybody = pages.includes('*');
  void app.register(cors, {
    origin: anybody ? '*' : [...pages],
    // Allows the user's cookie, which browsers send for pages of the same site: docs/adr/0013-session-cookies.md.
    credentials: !anybody,
    methods: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'],
    allowedHeaders: ['Authorization', 'Content-Type', 'DPoP', 'X-Request-Id'],
    exposedHeaders: [
      'DPoP-Nonce',
      'RateLimit',
      'RateLimit-Policy',
      'Retry-After',
      'Revocation-Seq',
      'Revocation-Status',
      'WWW-Authenticate',
      'X-Request-Id',
    ],
    maxAge: 7200,
  });
}
