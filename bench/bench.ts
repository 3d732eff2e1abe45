import { BenchDatabase } from './database.js';
import { LimitsServer } from './limits.js';
import type { Plan } from './plan.js';
import { populate, type Population } from './population.js';
import { progress } from './results.js';
import { SECRET_KEY, Service } from './service.js';

/** A service with users in its database. */
export interface Peopled {
  readonly service: Service;
  readonly population: Population;
}

/** The servers of the measurements: one PostgreSQL, and servers that start when the first figure needs them. */
export class Bench {
  readonly plan: Plan;
  readonly database: BenchDatabase;
  private readonly started: { stop(): Promise<void> }[] = [];
  private ordinary: Promise<Peopled> | undefined;
  private ceiling: Promise<LimitsServer> | undefined;

  static async start(plan: Plan): Promise<Bench> {
    progress('PostgreSQL …');
    return new Bench(plan, await BenchDatabase.start());
  }

  private constructor(plan: Plan, database: BenchDatabase) {
    this.plan = plan;
    this.database = database;
  }

  /** Returns the service on an ordinary database. */
  peopled(): Promise<Peopled> {
    return (this.ordinary ??= this.people('ordinary', this.plan.users));
  }

  /** Returns the ceiling server, with as many sessions. */
  limits(): Promise<LimitsServer> {
    this.ceiling ??= this.database
      .create('limits')
      .then((url) => LimitsServer.start(url, this.plan.users))
      .then((limits) => this.keep(limits));
    return this.ceiling;
  }

  /** Starts a further service, on a database of so many users. */
  async people(name: string, users: number): Promise<Peopled> {
    progress(`a database of ${users.toLocaleString('en')} users …`);
    const url = await this.database.create(name);
    // The first start migrates.
    const service = this.keep(await Service.start(url));
    return { service, population: await populate(url, users, SECRET_KEY) };
  }

  /** Starts a further instance of the service on an existing database. */
  async instance(database: string, publicUrl: string): Promise<Service> {
    return this.keep(await Service.start(this.database.urlOf(database), publicUrl));
  }

  async stop(): Promise<void> {
    for (const server of this.started.toReversed()) await server.stop();
    await this.database.stop();
  }

  private keep<Server extends { stop(): Promise<void> }>(server: Server): Server {
    this.started.push(server);
    return server;
  }
}
