import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { isRunning, until } from './support/processes.js';
import { Interrupted, Ledger, Person } from './support/person.js';
import { Scene, type Service } from './support/service.js';

const scene = new Scene();
afterEach(() => scene.clear());

const SETTINGS = { RATE_LIMITS: 'false', PASSWORD_HASH_MEMORY_KIB: '7168', PASSWORD_HASH_PASSES: '1' };
const PEOPLE = 6;

const people = (ledger: Ledger, service: Service): Person[] =>
  Array.from({ length: PEOPLE }, () => new Person(ledger, service.http));

describe('kill -9 of the service, 50 times under load', () => {
  it('forgets nothing that it acknowledged, and every interrupted request succeeds when repeated', async () => {
    const folder = scene.folder();
    const ledger = new Ledger();
    let service = await scene.start(SETTINGS, folder);
    const everybody = people(ledger, service);
    for (let kill = 1; kill <= 50; kill += 1) {
      const lives = everybody.map((person) => person.live());
      await Promise.race([momentIn(ledger), Promise.all(lives)]);
      await service.kill();
      await Promise.all(lives);
      if (kill % 5 === 0) await killWhileStarting(folder, Object.keys(STAGES)[(kill / 5) % 4]!);
      service = await scene.start(SETTINGS, folder);
      // First of all each one's own next step, which is the interrupted one again.
      for (const person of everybody) person.http = service.http;
      await Promise.all(everybody.map((person) => person.step()));
      await ledger.check(service.http);
    }
    await ledger.checkAll(service.http);
    expect(ledger.registered.length).toBeGreaterThan(100);
    expect(ledger.refreshes).toBeGreaterThan(200);
    expect(ledger.ended.length).toBeGreaterThan(100);
  });
});

/** Some time later, when at least something has been acknowledged. */
async function momentIn(ledger: Ledger): Promise<void> {
  const before = ledger.acknowledgements;
  const acknowledgements = before + 10 + Math.random() * 60;
  await until('people get answers', () => ledger.acknowledgements > acknowledgements);
}

/** How far a start has come. */
const STAGES: Record<string, (service: Service) => boolean> = {
  'its process runs': () => true,
  'it starts its database': ({ output }) => output.includes('Starting the embedded PostgreSQL'),
  'its database runs': ({ postmaster }) => isRunning(postmaster),
  'it listens': ({ output }) => output.includes('listening on'),
};

async function killWhileStarting(folder: string, stage: keyof typeof STAGES): Promise<void> {
  const service = scene.spawn(SETTINGS, folder);
  await until(stage, () => service.hasEnded || STAGES[stage]!(service));
  await service.kill();
}

describe('kill -9 of the embedded database, 20 times under load', () => {
  it('the service brings it back by itself, answers 503 meanwhile, and loses nothing', async () => {
    const folder = scene.folder();
    const ledger = new Ledger();
    let interruptions = 0;
    // The pause before a restart grows with every kill; a service that starts anew begins with the shortest again.
    for (let run = 1; run <= 4; run += 1) {
      const service = await scene.start(SETTINGS, folder);
      const traffic = new Traffic(people(ledger, service));
      for (let kill = 1; kill <= 5; kill += 1) {
        await Promise.race([momentIn(ledger), traffic.failure]);
        const { postmaster } = service;
        process.kill(postmaster, 'SIGKILL');
        await until('another postmaster', () => service.postmaster !== postmaster && isRunning(service.postmaster));
        await until(
          'the service is ready',
          async () => (await service.http.get('/health/ready/sign-in')).status === 200,
        );
        await ledger.check(service.http);
      }
      interruptions += await traffic.end();
      expect(service.hasEnded).toBe(false);
      await service.stop();
    }
    const service = await scene.start(SETTINGS, folder);
    await ledger.checkAll(service.http);
    expect(interruptions).toBeGreaterThan(20);
    expect(ledger.registered.length).toBeGreaterThan(50);
    expect(ledger.refreshes).toBeGreaterThan(100);
    expect(ledger.ended.length).toBeGreaterThan(50);
  });
});

/** People who go on whatever happens, as long as it is an answer. */
class Traffic {
  private over = false;
  private interruptions = 0;
  private readonly lives: Promise<unknown>;
  /** Rejects when somebody got an answer that nothing excuses. */
  readonly failure: Promise<never>;

  constructor(everybody: Person[]) {
    this.lives = Promise.all(everybody.map((person) => this.live(person)));
    this.failure = new Promise((_, reject) => void this.lives.catch(reject));
    this.failure.catch(() => undefined);
  }

  private async live(person: Person): Promise<void> {
    while (!this.over) {
      try {
        await person.step();
      } catch (error) {
        // The service lives, so it answers also while its database is away.
        if (!(error instanceof Interrupted) || error.cause) throw error;
        this.interruptions += 1;
        await sleep(20);
      }
    }
  }

  /** How many requests were interrupted. */
  async end(): Promise<number> {
    this.over = true;
    await this.lives;
    return this.interruptions;
  }
}
