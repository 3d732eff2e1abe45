import { Controller, Get } from '@nestjs/common';
import { ApiProperty, ApiTags } from '@nestjs/swagger';
import { Public } from '../common/access.decorators.js';
import { ApiProblems } from '../common/api.decorators.js';
import { AppError } from '../common/errors.js';
import { ConnectionDrain } from '../platform/http/connection-drain.js';
import { Database } from '../platform/database/database.js';

const PING = { name: 'health_ping', text: 'SELECT 1' };
const PATIENCE_MS = 2_000;

export class HealthView {
  @ApiProperty({ enum: ['ok'] })
  status: 'ok';
}

@ApiTags('Health')
@Public()
@Controller('health')
export class HealthController {
  constructor(
    private readonly database: Database,
    private readonly drain: ConnectionDrain,
  ) {}

  /** The process is alive: do not restart it. */
  @Get('live')
  live(): HealthView {
    return { status: 'ok' };
  }

  /** The service can do its work: send it requests. */
  @Get('ready')
  @ApiProblems('unavailable')
  async ready(): Promise<HealthView> {
    if (this.drain.isDraining)
      throw new AppError('unavailable', { detail: 'the service is stopping', retryAfterSeconds: 2 });
    const timer = new AbortController();
    try {
      await Promise.race([this.database.execute(PING, []), expiry(PATIENCE_MS, timer.signal)]);
      return { status: 'ok' };
    } catch (cause) {
      throw new AppError('unavailable', { cause, retryAfterSeconds: 2 });
    } finally {
      timer.abort();
    }
  }
}

function expiry(ms: number, signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const timer = setTimeout(() => reject(new Error(`no answer within ${ms} ms`)), ms);
    signal.addEventListener('abort', () => clearTimeout(timer));
  });
}
