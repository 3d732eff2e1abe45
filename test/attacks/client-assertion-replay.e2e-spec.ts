import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SingleUse } from '../../src/platform/database/single-use.js';
import { assertionForm, ClientKey } from '../support/client-key.js';
import { TestApp } from '../support/create-app.js';
import { createDatabase } from '../support/database.js';
import { sendForm, ServiceAccount } from '../support/service-account.js';

const ROUNDS = 30;
const AT_ONCE = 8;

describe('presenting the assertion of a client again', () => {
  let database: Awaited<ReturnType<typeof createDatabase>>;
  let here: TestApp;
  let there: TestApp;
  let key: ClientKey;
  let id: string;
  let admin: string;
  beforeAll(async () => {
    database = await createDatabase();
    const environment = { DATABASE_URL: database.url, RATE_LIMITS: 'false' };
    [here, there] = [await TestApp.start(environment), await TestApp.start(environment)];
    admin = await here.adminToken();
    key = await ClientKey.generate();
    id = (await ServiceAccount.create(here, admin, { jwks: key.jwks })).id;
  });
  afterAll(async () => {
    await there.close();
    await here.close();
    await database.drop();
  });

  const send = async (app: TestApp, assertion: string) =>
    (await sendForm(app, '/oauth/token', assertionForm(assertion))).status;

  it('of all who do so at the same time, on whichever instance, one passes', async () => {
    for (let round = 0; round < ROUNDS; round++) {
      const assertion = await key.assertion(id);
      const statuses = await Promise.all(
        Array.from({ length: AT_ONCE }, (_, index) => send(index % 2 ? here : there, assertion)),
      );
      expect(statuses.toSorted((a, b) => a - b)).toEqual([200, ...Array<number>(AT_ONCE - 1).fill(401)]);
    }
  });

  it('the id makes it the same, not its text', async () => {
    const [first, second] = [await key.assertion(id, { jti: 'a' }), await key.assertion(id, { jti: 'a', more: 1 })];
    expect(await send(here, first)).toBe(200);
    expect(await send(there, second)).toBe(401);
  });

  it('and it is the same until it is over, also where used values are purged', async () => {
    const assertion = await key.assertion(id, { exp: Math.floor(Date.now() / 1000) + 290 });
    expect(await send(here, assertion)).toBe(200);
    here.clock.advance(285);
    await here.app.get(SingleUse).purge();
    expect(await send(here, assertion)).toBe(401);
    here.clock.advance(-285);
    expect(await send(there, assertion)).toBe(401);
  });

  it('what somebody else signs uses up nothing', async () => {
    const stranger = await ClientKey.generate('ES256', key.jwk.kid);
    expect(await send(here, await stranger.assertion(id, { jti: 'mine' }))).toBe(401);
    const other = await ServiceAccount.create(here, admin, { jwks: stranger.jwks });
    expect(await send(here, await stranger.assertion(other.id, { jti: 'mine' }))).toBe(200);
    expect(await send(here, await key.assertion(id, { jti: 'mine' }))).toBe(200);
  });
});
