import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { INestMicroservice } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { DataSource } from 'typeorm';
import { AppModule } from '../../src/app.module.js';
import { nestOptions, openExtAuthz, setUp } from '../../src/app.setup.js';
import { AccountsService, type NewAccount } from '../../src/auth/accounts.service.js';
import { Clock } from '../../src/common/clock.js';
import { loadConfig, type Environment } from '../../src/platform/config/config.js';
import { createLogger } from '../../src/platform/logging/logger.js';
import { ConnectionDrain } from '../../src/platform/http/connection-drain.js';
import { refusalAt } from '../../src/gateway/refusal.js';
import { createAdapter } from '../../src/platform/http/http-server.js';
import type { TokenResponse } from '../../src/sessions/token.view.js';
import type { User } from '../../src/users/user.entity.js';
import { BY_TEST } from './cause.js';
import { MovableClock } from './clock.js';
import { createDatabase } from './database.js';
import { testEnvironment } from './environment.js';
import { HttpClient } from './http-client.js';
import { patience } from './patience.js';

export const PASSWORD = 'correct horse battery staple';

/** The real application on a database of its own, listening on a free port of the loopback. */
export class TestApp {
  private constructor(
    readonly app: NestFastifyApplication,
    readonly http: HttpClient,
    readonly clock: MovableClock,
    readonly logLines: string[],
    private readonly extAuthz: INestMicroservice | null,
    private readonly clear: () => Promise<void>,
  ) {}

  /**
   * Starts an application. With a `DATABASE_URL` it uses that database, and keeps it when it closes. Without `patient`
   * requests that wait for seconds are refused, as in production.
   */
  static async start(environment: Environment = {}, { patient = true } = {}): Promise<TestApp> {
    if (patient) patience.give();
    else patience.take();
    const database = environment['DATABASE_URL']
      ? { url: environment['DATABASE_URL'], drop: () => Promise.resolve() }
      : await createDatabase();
    // Its mailbox is its own.
    const DATA_DIR = join('.data/test', randomUUID());
    const config = loadConfig(testEnvironment({ DATA_DIR, ...environment, DATABASE_URL: database.url }));
    const clock = new MovableClock();
    const logLines: string[] = [];
    const logger = await createLogger(config, { write: (line: string) => void logLines.push(line) });
    const module = await Test.createTestingModule({ imports: [AppModule.forRoot(config)] })
      .overrideProvider(Clock)
      .useValue(clock)
      .compile();
    const app = module.createNestApplication<NestFastifyApplication>(
      createAdapter(config, refusalAt),
      nestOptions(logger),
    );
    setUp(app, config, logger);
    let extAuthz: INestMicroservice | null;
    try {
      await app.listen(0, '127.0.0.1');
      if (patient) patience.giveTo(app);
      extAuthz = await openExtAuthz(app, config);
    } catch (error) {
      await app.close();
      await database.drop();
      throw error;
    }
    const clear = async () => {
      await database.drop();
      await rm(DATA_DIR, { recursive: true, force: true });
    };
    return new TestApp(app, new HttpClient(await app.getUrl()), clock, logLines, extAuthz, clear);
  }

  get dataSource(): DataSource {
    return this.app.get(DataSource);
  }

  /** Moves the latest rotation of every session back by so many seconds, by the clock of the database. */
  async ageRotations(seconds: number): Promise<void> {
    await this.dataSource.query('UPDATE sessions SET replaced_at = replaced_at - make_interval(secs => $1)', [seconds]);
  }

  async close(): Promise<void> {
    await this.extAuthz?.close();
    this.app.get(ConnectionDrain).closeUnused();
    await this.app.close();
    await this.clear();
  }

  private static created = 0;

  /** Creates an account without the HTTP API. */
  createUser(fields: Partial<NewAccount> = {}): Promise<User> {
    const email = `user${++TestApp.created}@example.com`;
    return this.app.get(AccountsService).create({ email, password: PASSWORD, ...fields }, BY_TEST);
  }

  /** Signs in over HTTP. */
  async login(email: string, password = PASSWORD): Promise<TokenResponse> {
    const { status, body, text } = await this.http.post<TokenResponse>('/auth/login', { email, password });
    if (status !== 200) throw new Error(`login of ${email}: ${status} ${text}`);
    return body;
  }

  /** Creates a user, and signs them in. */
  async signedInUser(fields: Partial<NewAccount> = {}): Promise<{ user: User; tokens: TokenResponse }> {
    const user = await this.createUser(fields);
    return { user, tokens: await this.login(user.email) };
  }

  signedInAdmin(): Promise<{ user: User; tokens: TokenResponse }> {
    return this.signedInUser({ email: `admin${++TestApp.created}@example.com`, roles: ['admin', 'user'] });
  }

  /** Returns an access token of a new administrator. */
  async adminToken(): Promise<string> {
    return (await this.signedInAdmin()).tokens.access_token;
  }
}
