import type { TokenResponse } from '../../../src/sessions/token.view.js';
import { freePort } from '../../system/support/free-port.js';
import { OwnPostgres, query } from '../../system/support/own-postgres.js';
import { PASSWORD, Scene, type Service, type Variables } from '../../system/support/service.js';
import { monotonic } from './verifiers.js';

export const ISSUER = 'http://localhost:3000';
export const ADMIN = { email: 'admin@example.com', password: 'a first password of mine' };

/** Instances of the service on one PostgreSQL, each at an address that it keeps, and those who sign in there. */
export class Deployment {
  private readonly scene = new Scene();
  private readonly services: Service[] = [];
  private accounts = 0;

  private constructor(
    readonly postgres: OwnPostgres,
    readonly databaseUrl: string,
    private readonly variables: Variables[],
  ) {}

  /**
   * Starts the deployment. `reach` returns the URL by which an instance reaches the database, where that is not the
   * direct one.
   */
  static async start(reach: ((databaseUrl: string) => Promise<string>)[] = []): Promise<Deployment> {
    const postgres = await OwnPostgres.start();
    const databaseUrl = await postgres.createDatabase();
    const variables = await Promise.all(
      [0, 1].map(async (index) => ({
        PORT: String(await freePort()),
        DATABASE_URL: (await reach[index]?.(databaseUrl)) ?? databaseUrl,
        RATE_LIMITS: 'false',
        ADMIN_EMAIL: ADMIN.email,
        ADMIN_PASSWORD: ADMIN.password,
      })),
    );
    const deployment = new Deployment(postgres, databaseUrl, variables);
    await Promise.all(variables.map((_, index) => deployment.startInstance(index)));
    return deployment;
  }

  async startInstance(index: number): Promise<void> {
    this.services[index] = await this.scene.start(this.variables[index]);
  }

  instance(index: number): Service {
    return this.services[index]!;
  }

  /** Creates a user, and returns the first tokens. */
  async signUp(index = 0): Promise<TokenResponse & { email: string }> {
    const email = `person${++this.accounts}@example.com`;
    await this.post('/auth/register', { body: { email, password: PASSWORD } }, index);
    return { email, ...(await this.signIn({ email, password: PASSWORD }, index)) };
  }

  signIn(credentials: { email: string; password: string }, index = 0): Promise<TokenResponse> {
    return this.post<TokenResponse>('/auth/login', { body: credentials }, index);
  }

  /** Ends a session. Returns when that was acknowledged ({@link monotonic}). */
  async signOut(token: string, index = 0): Promise<number> {
    await this.post('/auth/logout', { token }, index);
    return monotonic();
  }

  sql<Row extends Record<string, unknown>>(statement: string, values: unknown[] = []): Promise<Row[]> {
    return query<Row>(this.databaseUrl, statement, values);
  }

  async stop(): Promise<void> {
    await this.scene.clear();
    await this.postgres.stop();
  }

  private async post<Body>(path: string, options: { token?: string; body?: unknown }, index: number): Promise<Body> {
    const answer = await this.instance(index).http.send<Body>('POST', path, options);
    if (answer.status >= 300) throw new Error(`${path}: ${answer.status} ${answer.text}`);
    return answer.body;
  }
}
