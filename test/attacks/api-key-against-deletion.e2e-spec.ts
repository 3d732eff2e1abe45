import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { clientKey, personalToken, tokenIn, verdictOn } from '../support/api-keys.js';
import { TestApp } from '../support/create-app.js';
import { signInAs } from '../support/sign-in.js';
import { createDatabase } from '../support/database.js';
import type { HttpClient } from '../support/http-client.js';
import { RowLock } from '../support/row-lock.js';
import { ServiceAccount } from '../support/service-account.js';
import { Tally } from '../support/tally.js';
import { ServiceProcess, soon } from '../flows/service-process.js';

const ROUNDS = 30;
/** Races that run side by side, each on a key of its own. */
const AT_ONCE = 10;
const MOST_STEPS = 40;
const device = { userAgent: null, address: '127.0.0.1' };

interface Scene {
  owner: string;
  keyId: string;
  key: string;
}

describe('showing a key to two instances at the moment in which it ends', () => {
  let database: Awaited<ReturnType<typeof createDatabase>>;
  let app: TestApp;
  let other: HttpClient;
  let process: ServiceProcess;
  let admin: { token: string };
  beforeAll(async () => {
    database = await createDatabase();
    const environment = { DATABASE_URL: database.url, RATE_LIMITS: 'false' };
    app = await TestApp.start(environment);
    ({ service: process, http: other } = await ServiceProcess.start(environment));
    admin = { token: await app.adminToken() };
  });
  afterAll(async () => {
    await process?.kill();
    await app?.close();
    await database.drop();
  });

  const ofPerson = async (): Promise<Scene> => {
    const user = await app.createUser({ password: undefined, roles: ['user', 'approver'] });
    const { access_token } = await signInAs(app, user, device);
    const { id, api_key } = await personalToken(app, access_token, { with_roles: true });
    return { owner: user.id, keyId: id, key: api_key };
  };
  const ofService = async (): Promise<Scene> => {
    const { id: owner } = await ServiceAccount.create(app, admin.token, { scopes: ['orders:read'] });
    const { id, api_key } = await clientKey(app, admin.token, owner, { scopes: ['orders:read'] });
    return { owner, keyId: id, key: api_key };
  };
  type End = (scene: Scene, http: HttpClient) => Promise<{ status: number }>;
  const ENDINGS: Record<string, [open: () => Promise<Scene>, end: End]> = {
    'deleting it': [ofPerson, ({ owner, keyId }, http) => http.delete(`/users/${owner}/api-keys/${keyId}`, admin)],
    'somebody who has found it': [ofPerson, ({ key }, http) => http.post('/api-keys/revoke-leaked', { api_key: key })],
    'disabling its user': [ofPerson, ({ owner }, http) => http.patch(`/users/${owner}`, { status: 'disabled' }, admin)],
    'deleting its user': [ofPerson, ({ owner }, http) => http.delete(`/users/${owner}`, admin)],
    'deleting the key of a service': [
      ofService,
      ({ owner, keyId }, http) => http.delete(`/clients/${owner}/api-keys/${keyId}`, admin),
    ],
    'disabling its service': [
      ofService,
      ({ owner }, http) => http.patch(`/clients/${owner}`, { status: 'disabled' }, admin),
    ],
    'deleting its service': [ofService, ({ owner }, http) => http.delete(`/clients/${owner}`, admin)],
  };

  const refuses = async (http: HttpClient, credential: string) => (await verdictOn(http, credential)).status === 401;

  /** Whether the key was still good when the race began and dead before it was over. */
  async function race(name: string, round: number): Promise<boolean> {
    const [open, end] = ENDINGS[name]!;
    const scene = await open();
    const held = new Set<string>();
    const shown = new Tally();
    let over = false;
    const show = async (http: HttpClient) => {
      for (let step = 0; !over && step < MOST_STEPS; step++) {
        const answer = await verdictOn(http, scene.key);
        expect([200, 401]).toContain(answer.status);
        if (answer.status === 200) held.add(tokenIn(answer));
        shown.add();
      }
    };
    const [here, there] = round % 2 ? [app.http, other] : [other, app.http];
    const finish = async () => {
      // Some rounds hit the first exchange, which goes to the database, others what is known by then.
      await shown.reached(round % 8);
      expect([200, 204]).toContain((await end(scene, here)).status);
      over = true;
      // Where it was ended, from the answer on.
      expect(await refuses(here, scene.key)).toBe(true);
    };
    await Promise.all([show(app.http), show(other), show(app.http), show(other), finish()]);
    expect(held.has('')).toBe(false);
    for (const credential of [scene.key, ...held]) {
      expect(await refuses(here, credential)).toBe(true);
      expect(await soon(() => refuses(there, credential))).toBe(true);
    }
    return held.size > 0;
  }

  it.each(Object.keys(ENDINGS))('%s leaves no token of it alive', async (name) => {
    const outcomes: boolean[] = [];
    for (let round = 0; round < ROUNDS; round += AT_ONCE) {
      const races = Array.from({ length: AT_ONCE }, (_, index) => race(name, round + index));
      outcomes.push(...(await Promise.all(races)));
    }
    expect(outcomes).toHaveLength(ROUNDS);
    // Wherever a verdict was awaited first, the key had been exchanged before it ended.
    expect(outcomes.filter(Boolean).length).toBeGreaterThanOrEqual((ROUNDS * 7) / 8 - 1);
  });

  /** What is taken away, and the tokens that state more than is left. */
  const REDUCTIONS: Record<string, [open: () => Promise<Scene>, reduce: End, header: string, more: string]> = {
    'a role of its user': [
      ofPerson,
      ({ owner }, http) => http.patch(`/users/${owner}`, { roles: ['user'] }, admin),
      'x-auth-roles',
      'approver',
    ],
    'a scope of its service': [
      ofService,
      ({ owner }, http) => http.patch(`/clients/${owner}`, { scopes: [] }, admin),
      'x-auth-scope',
      'orders:read',
    ],
  };

  it.each(Object.keys(REDUCTIONS))('taking away %s leaves no token that states it', async (name) => {
    const [open, reduce, header, more] = REDUCTIONS[name]!;
    let raced = 0;
    const round = async (index: number) => {
      const scene = await open();
      const tooMuch = new Set<string>();
      const shown = new Tally();
      let over = false;
      const show = async (http: HttpClient) => {
        for (let step = 0; !over && step < MOST_STEPS; step++) {
          const answer = await verdictOn(http, scene.key);
          if (answer.headers.get(header)?.includes(more)) tooMuch.add(tokenIn(answer));
          shown.add();
        }
      };
      const [here, there] = index % 2 ? [app.http, other] : [other, app.http];
      const finish = async () => {
        await shown.reached(index % 8);
        expect((await reduce(scene, here)).status).toBe(200);
        over = true;
      };
      await Promise.all([show(app.http), show(other), finish()]);
      if (tooMuch.size > 0) raced += 1;
      for (const token of tooMuch) {
        expect(await refuses(here, token)).toBe(true);
        expect(await soon(() => refuses(there, token))).toBe(true);
      }
      const left = await verdictOn(here, scene.key);
      expect([left.status, left.headers.get(header)?.includes(more)]).toEqual([200, false]);
    };
    for (let index = 0; index < ROUNDS; index += AT_ONCE) {
      await Promise.all(Array.from({ length: AT_ONCE }, (_, each) => round(index + each)));
    }
    expect(raced).toBeGreaterThanOrEqual((ROUNDS * 7) / 8 - 1);
  });

  it.each([...Object.keys(ENDINGS), ...Object.keys(REDUCTIONS)])(
    '%s refuses a token that an instance with a faster clock has minted',
    async (name) => {
      const [open, end] = ENDINGS[name] ?? REDUCTIONS[name]!;
      const scene = await open();
      app.clock.advance(2);
      try {
        const token = tokenIn(await verdictOn(app.http, scene.key));
        expect(token).not.toBe('');
        expect([200, 204]).toContain((await end(scene, other)).status);
        expect(await soon(() => refuses(app.http, token))).toBe(true);
        expect(await refuses(other, token)).toBe(true);
      } finally {
        app.clock.advance(-2);
      }
    },
  );

  it('an exchange waits for a deletion that is being committed', async () => {
    const scene = await ofPerson();
    // The deletion appends its epoch last: it comes that far, and no further.
    const lock = await RowLock.take(app, 'SELECT seq FROM revocation_head FOR UPDATE');
    // Its epoch is long over when the key is shown.
    app.clock.advance(-2);
    const deletion = app.http.delete(`/users/${scene.owner}/api-keys/${scene.keyId}`, admin);
    await lock.isWaitedFor(1);
    app.clock.advance(2);
    const attempt = verdictOn(other, scene.key);
    await lock.isWaitedFor(2);
    await lock.release();
    expect((await deletion).status).toBe(204);
    expect((await attempt).status).toBe(401);
  });
});
