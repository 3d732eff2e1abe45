import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { AppModule } from '../app.module.js';
import { openApiOf } from '../app.setup.js';
import { auditEventsMarkdown } from '../common/audit-events.markdown.js';
import { errorsMarkdown } from '../common/errors.markdown.js';
import { loadConfig } from '../platform/config/config.js';
import { configurationMarkdown } from '../platform/config/config.markdown.js';
import { refusalAt } from '../gateway/refusal.js';
import { createAdapter } from '../platform/http/http-server.js';
import { say, type Command } from './command.js';

export const docs: Command = {
  name: 'docs',
  summary: 'write docs/configuration.md, docs/errors.md, docs/audit-events.md and docs/openapi.json from the code',
  async run() {
    const config = loadConfig({
      DATABASE_URL: 'postgres://nowhere/none',
      SECRET_KEY: randomBytes(32).toString('base64'),
    });
    // Preview mode builds the module graph without instances, so no database is needed.
    const app = await NestFactory.create<NestFastifyApplication>(
      AppModule.forRoot(config),
      createAdapter(config, refusalAt),
      {
        preview: true,
        logger: false,
      },
    );
    const files = {
      'docs/configuration.md': configurationMarkdown(),
      'docs/errors.md': errorsMarkdown(),
      'docs/audit-events.md': auditEventsMarkdown(),
      'docs/openapi.json': `${JSON.stringify(openApiOf(app), null, 2)}\n`,
    };
    for (const [file, text] of Object.entries(files)) {
      writeFileSync(file, text);
      say(file);
    }
    return 0;
  },
};
