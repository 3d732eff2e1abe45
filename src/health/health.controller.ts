import { Controller, Get } from '@nestjs/common';
import { ApiProperty, ApiTags } from '@nestjs/swagger';
import { Public } from '../common/access.decorators.js';
import { ApiProblems } from '../common/api.decorators.js';
import { AppError } from '../common/errors.js';
import { ConnectionDrain } from '../platform/http/connection-drain.js';
import { Database } from '../platform/database/database.js';
import { RevocationService } from '../revocation/revocation.service.js';

// It also detects a standby, and a server or database that is set to be read only.
const WRITABLE = {
  name: 'health_writable',
  text: `SELECT current_setting('transaction_read_only') = 'off' AS writable`,
};
/** The longest wait for the database, in milliseconds. Probes wait for 1 s by default. */
const PATIENCE_MS = 700;
const RETRY_AFTER_SECONDS = 2;

export class HealthView {
  @ApiProperty({ enum: ['ok'] })
  status: 'ok';
}

@ApiTags('Health')
@Public()
@Controller('health')
export class HealthController {
  private asking: Promise<{ writable: boolean }[]> | null = null;

  constructor(
    private readonly database: Database,
    private readonly revocations: RevocationService,
    private readonly drain: ConnectionDrain,
  ) {}

  /** The process is alive: do not restart it. */
  @Get('live')
  live(): HealthView {
    return { status: 'ok' };
  }

  /** The service knows what has been revoked: send it requests. */
  @Get('ready')
  @ApiProblems('unavailable')
  ready(): HealthView {
    this.refuseWhileStopping();
    if (!this.revocations.isFresh) throw unavailable('the service does not know what has been revoked');
    return { status: 'ok' };
  }

  /** The database takes writes: people can sign in. Answers within 800 ms. */
  @Get('ready/sign-in')
  @ApiProblems('unavailable')
  async readyToSignIn(): Promise<HealthView> {
    this.refuseWhileStopping();
    const timer = new AbortController();
    try {
      const [row] = await Promise.race([this.askDatabase(), expiry(PATIENCE_MS, timer.signal)]);
      if (!row?.writable) throw new Error('it is read only');
      return { status: 'ok' };
    } catch (cause) {
      throw unavailable('the database does not take writes', cause);
    } finally {
      timer.abort();
    }
  }

  /** Asks the database, once for all probes at the same time, so that they do not queue while the database hangs. */
  private askDatabase(): Promise<{ writable: boolean }[]> {
    this.asking ??= this.database.execute<{ writable: boolean }>(WRITABLE, []).finally(() => (this.asking = null));
    return this.asking;
  }

  private refuseWhileStopping(): void {
    if (this.drain.isDraining) throw unavailable('the service is stopping');
  }
}

const unavailable = (detail: string, cause?: unknown): AppError =>
  new AppError('unavailable', { detail, cause, retryAfterSeconds: RETRY_AFTER_SECONDS });

function expiry(ms: number, signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const timer = setTimeout(() => reject(new Error(`no answer within ${ms} ms`)), ms);
    signal.addEventListener('abort', () => clearTimeout(timer));
  });
}
