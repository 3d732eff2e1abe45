import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { ClientDirectory } from '../../src/clients/client-directory.js';
import { Database } from '../../src/platform/database/database.js';
import { ClientKey } from '../support/client-key.js';
import { TestApp } from '../support/create-app.js';
import { sendForm, ServiceAccount } from '../support/service-account.js';

const LIMIT = 60;

describe('guessing the secret of a client', () => {
  let app: TestApp;
  let account: ServiceAccount;
  let key: ClientKey;
  beforeAll(async () => {
    app = await TestApp.start({ TRUSTED_PROXIES: '127.0.0.1' });
    key = await ClientKey.generate();
    const admin = await app.adminToken();
    account = await ServiceAccount.create(app, admin, { jwks: key.jwks });
  });
  afterAll(() => app.close());

  const GRANT = { grant_type: 'client_credentials' };
  const wrong = () => `css_${'A'.repeat(43)}`;
  const from = (address: string) => ({ 'x-forwarded-for': address });
  const guess = (address: string, client_id = account.id, client_secret = wrong()) =>
    sendForm(app, '/oauth/token', { ...GRANT, client_id, client_secret }, from(address));

  it.each(['secret', 'assertion'])(
    'by %s asks the database the same of a known and an unknown client',
    async (kind) => {
      const asked = vi.spyOn(app.app.get(Database), 'execute');
      const other = await ClientKey.generate();
      const attempt = async (id: string) => {
        const form = kind === 'secret' ? { ...GRANT, client_id: id, client_secret: wrong() } : await other.form(id);
        asked.mockClear();
        expect((await sendForm(app, '/oauth/token', form, from('192.0.2.77'))).status).toBe(401);
        return asked.mock.calls.map(([{ name }]) => name).filter((name) => name.startsWith('client_'));
      };
      const histories: string[][][] = [];
      for (const id of [account.id, `svc_${kind.padEnd(16, 'C')}`]) {
        app.app.get(ClientDirectory).forget();
        histories.push([await attempt(id)]);
      }
      expect(histories[0]).toEqual([['client_find', 'client_find_secrets']]);
      expect(histories[1]).toEqual(histories[0]);
      // Within a second, both are known from memory.
      const directory = app.app.get(ClientDirectory);
      for (const id of [account.id, `svc_${kind.padEnd(16, 'C')}`]) {
        await directory.find(id);
        expect(directory.find(id)).not.toBeInstanceOf(Promise);
      }
      asked.mockRestore();
    },
  );

  it('is answered the same as an unknown client, and another way to prove it', async () => {
    const answers = [
      await guess('192.0.2.1'),
      await guess('192.0.2.1', `svc_${'B'.repeat(16)}`),
      await guess('192.0.2.1', 'web'),
      await guess('192.0.2.1', account.id, account.secret.slice(0, -1)),
      await guess('192.0.2.1', account.id, `${account.secret}=`),
      await guess('192.0.2.1', account.id, account.secret.toUpperCase()),
    ];
    for (const { status, body, headers } of answers) {
      expect({ status, body }).toEqual({ status: 401, body: answers[0]!.body });
      expect(headers.get('www-authenticate')).toBe('Basic realm="countersign"');
    }
  });

  it('ends at the limit, in whichever way, and never for the client itself', async () => {
    const stranger = await ClientKey.generate('ES256', key.jwk.kid);
    const ways = [
      () => guess('192.0.2.2'),
      () => guess('192.0.2.2', `svc_${'B'.repeat(16)}`),
      async () => sendForm(app, '/oauth/token', await stranger.form(account.id), from('192.0.2.2')),
      async () => sendForm(app, '/oauth/token', await key.form(account.id, { aud: 'api' }), from('192.0.2.2')),
      () => sendForm(app, '/oauth/token', GRANT, { ...from('192.0.2.2'), authorization: 'Basic QTpC' }),
      () => sendForm(app, '/oauth/token', GRANT, from('192.0.2.2')),
    ];
    const statuses: number[] = [];
    for (let attempt = 0; attempt < LIMIT; attempt++) statuses.push((await ways[attempt % ways.length]!()).status);
    expect(new Set(statuses)).toEqual(new Set([401]));
    for (const way of ways) {
      const limited = await way();
      expect(limited).toMatchObject({ status: 429, body: { error: 'temporarily_unavailable' } });
      expect(Number(limited.headers.get('retry-after'))).toBeGreaterThan(0);
    }
    // The client stands in the same network, and its neighbours guess.
    for (const address of ['192.0.2.2', '192.0.2.3']) {
      expect((await guess(address, account.id, account.secret)).status).toBe(200);
      expect((await sendForm(app, '/oauth/token', await key.form(account.id), from(address))).status).toBe(200);
    }
    expect((await guess('192.0.2.3')).status).toBe(401);
  });

  it('is counted exactly, however many guess at once', async () => {
    const answers = await Promise.all(Array.from({ length: 3 * LIMIT }, () => guess('192.0.2.4')));
    expect(answers.filter(({ status }) => status === 401)).toHaveLength(LIMIT);
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(2 * LIMIT);
  });
});
