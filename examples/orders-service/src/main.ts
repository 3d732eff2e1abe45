import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { AppModule } from './app.module.js';

const issuer = process.env.COUNTERSIGN_URL ?? 'http://localhost:3000';
const port = Number(process.env.PORT ?? 4000);

const app = await NestFactory.create(AppModule.forIssuer(issuer), { logger: ['warn', 'error'] });
app.enableShutdownHooks();
await app.listen(port, '127.0.0.1');
console.log(`Orders at http://localhost:${port}/orders, for those who are signed in at ${issuer}`);
