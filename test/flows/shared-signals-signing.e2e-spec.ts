import { decodeProtectedHeader } from 'jose';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { KeyRing } from '../../src/keys/key-ring.js';
import { KeyRotationService } from '../../src/keys/key-rotation.service.js';
import type { StreamView } from '../../src/shared-signals/streams/streams.view.js';
import { forge, rs256 } from '../attacks/forged-token.js';
import { TestApp } from '../support/create-app.js';
import { decodeToken } from '../support/decode-token.js';
import { RowLock } from '../support/row-lock.js';
import { ServiceAccount } from '../support/service-account.js';
import { setVerifier } from '../support/signal-receiver.js';
import { AUDIENCE, sessionsIn, SignalStreams } from '../support/signal-streams.js';

const STREAMS = '/shared-signals/streams';
const DAY = 86_400;
const SECRET = 'aGFsZiBhIGRvemVuIGVnZ3MsIHR3byBsZW1vbnMsIDEga2cgZmxvdXI=';

interface Published {
  kid: string;
  alg: string;
}
interface Rotated extends Published {
  signs: string;
}

/** A service whose events are looked at by those who receive them. */
class Service {
  private constructor(
    readonly app: TestApp,
    readonly streams: SignalStreams,
  ) {}

  static async start(environment: Record<string, string> = {}): Promise<Service> {
    const app = await TestApp.start({ RATE_LIMITS: 'false', LOG_LEVEL: 'warn', ...environment });
    return new Service(app, new SignalStreams(app, (await app.signedInAdmin()).user.email));
  }

  async published(): Promise<Published[]> {
    return (await this.app.http.get<{ keys: Published[] }>('/.well-known/jwks.json')).body.keys;
  }

  /** Logs somebody out, and returns the header of the event that the receiver of a stream verifies. */
  async eventOf({ stream_id, delivery }: StreamView, audience = AUDIENCE): Promise<{ alg?: string; kid?: string }> {
    const sid = await this.streams.logout();
    const headers = { authorization: delivery.authorization_header! };
    const poll = (ack: string[]) =>
      this.app.http.post<{ sets: Record<string, string> }>(
        `${STREAMS}/${stream_id}/poll`,
        { returnImmediately: true, ack },
        { headers },
      );
    const { sets } = (await poll([])).body;
    const [[jti, set]] = Object.entries(sets) as [[string, string]];
    expect(sessionsIn([await setVerifier(this.app.http.baseUrl, () => audience)(set)])).toEqual([sid]);
    await poll([jti]);
    return decodeProtectedHeader(set);
  }

  async change(stream: StreamView, changes: object): Promise<StreamView> {
    const body = { stream_id: stream.stream_id, ...changes };
    const answer = await this.app.http.patch<StreamView>(STREAMS, body, await this.streams.admin());
    expect(answer.status).toBe(200);
    return { ...answer.body, delivery: stream.delivery };
  }
}

describe('a receiver that asks for RS256, where access tokens are signed in ES256,', () => {
  let service: Service;
  let app: TestApp;
  let streams: SignalStreams;
  beforeAll(async () => {
    service = await Service.start();
    ({ app, streams } = service);
  });
  afterAll(() => app.close());
  afterEach(() => app.dataSource.query('DELETE FROM signal_streams'));

  it('gets a key that nobody had made until then, beside the other', async () => {
    const plain = await streams.create();
    expect(plain.signing_alg).toBe('ES256');
    expect(await service.eventOf(plain)).toMatchObject({ alg: 'ES256' });
    expect((await service.published()).map(({ alg }) => alg)).toEqual(['ES256']);
    await streams.delete(plain);

    const stream = await streams.create({ signing_alg: 'RS256' });
    expect(stream.signing_alg).toBe('RS256');
    const published = await service.published();
    expect(published.map(({ alg }) => alg)).toEqual(['ES256', 'RS256']);
    expect(await service.eventOf(stream)).toMatchObject({ alg: 'RS256', kid: published[1]!.kid });
    expect((await app.http.get(`/keys/${published[1]!.kid}.pem`)).text).toContain('PUBLIC KEY');
    // Nothing else is signed by it.
    const { tokens } = await app.signedInUser();
    expect(decodeToken(tokens.access_token).header.alg).toBe('ES256');
    const { body } = await app.http.get<object>('/.well-known/openid-configuration');
    expect(body).toMatchObject({ id_token_signing_alg_values_supported: ['ES256'] });
  });

  it('gets one key, however many ask at once', async () => {
    await app.dataSource.query('DELETE FROM event_signing_keys');
    await app.app.get(KeyRing).reload();
    const asked = await Promise.all(Array.from({ length: 30 }, () => streams.create({ signing_alg: 'RS256' })));
    expect(asked).toHaveLength(30);
    expect(await app.dataSource.query('SELECT status FROM event_signing_keys')).toEqual([{ status: 'active' }]);
  });

  it('may have another mind later, and says nothing by saying what it has read', async () => {
    const stream = await streams.create();
    expect((await service.change(stream, { signing_alg: 'ES256' })).signing_alg).toBe('ES256');
    const changed = await service.change(stream, { signing_alg: 'RS256' });
    expect(changed.signing_alg).toBe('RS256');
    expect((await service.change(changed, { description: 'x' })).signing_alg).toBe('RS256');
    expect(await service.eventOf(changed)).toMatchObject({ alg: 'RS256' });
    const back = await service.change(changed, { signing_alg: 'ES256' });
    expect(await service.eventOf(back)).toMatchObject({ alg: 'ES256' });
  });

  it('need not ask as a service account, of which the profile says so', async () => {
    const account = await ServiceAccount.create(app, (await streams.admin()).token, { scopes: ['ssf.manage'] });
    const token = await account.token();
    const { body } = await app.http.post<StreamView>(STREAMS, {}, { token });
    expect(body.signing_alg).toBe('RS256');
    expect(await service.eventOf(body, account.id)).toMatchObject({ alg: 'RS256' });
    // An administrator who replaces it speaks for the account.
    const replaced = { body: { stream_id: body.stream_id }, ...(await streams.admin()) };
    expect((await app.http.send('PUT', STREAMS, replaced)).body).toMatchObject({ signing_alg: 'RS256' });
    const { body: other } = await app.http.post<StreamView>(STREAMS, { signing_alg: 'ES256' }, { token });
    expect(other.signing_alg).toBe('ES256');
  });

  it.each(['HS256', 'none', 'rs256', '', 7, null, ['RS256']])('cannot ask for %j', async (signing_alg) => {
    const answer = await app.http.post(STREAMS, { signing_alg }, await streams.admin());
    expect(answer).toMatchObject({ status: 400, body: { errors: [{ field: 'signing_alg' }] } });
  });

  it('is served by keys that rotate, without an event that it cannot verify', async () => {
    const stream = await streams.create({ signing_alg: 'RS256' });
    const first = await service.eventOf(stream);
    const rotate = (body: object) =>
      streams.admin().then((admin) => app.http.post<{ keys: Rotated[] }>('/keys/rotate', body, admin));
    expect((await rotate({})).body.keys.map(({ alg, signs }) => [alg, signs])).toEqual([
      ['ES256', 'access_tokens'],
      ['ES256', 'access_tokens'],
      ['RS256', 'security_events'],
      ['RS256', 'security_events'],
    ]);
    const [, successor] = (await service.published()).filter(({ alg }) => alg === 'RS256');
    expect(await service.eventOf(stream)).toEqual(first);
    app.clock.advance(DAY + 1);
    await app.app.get(KeyRotationService).tick();
    expect(await service.eventOf(stream)).toMatchObject({ kid: successor!.kid });
    app.clock.advance(3600);
    await app.app.get(KeyRotationService).tick();
    expect((await service.published()).filter(({ alg }) => alg === 'RS256')).toHaveLength(1);

    expect((await rotate({ emergency: true })).status).toBe(200);
    const kids = (await service.published()).map(({ kid }) => kid);
    expect(kids).not.toContain(successor!.kid);
    const last = await service.eventOf(stream);
    expect(kids).toContain(last.kid);
  });

  it('keeps nobody waiting who revokes, while leaked keys are replaced', async () => {
    await streams.create({ signing_alg: 'RS256' });
    const admin = await streams.admin();
    const { tokens } = await app.signedInUser();
    // As long as making an RSA key may take.
    const lock = await RowLock.take(app, 'LOCK TABLE event_signing_keys IN ACCESS EXCLUSIVE MODE');
    const replaced = app.http.post('/keys/rotate', { emergency: true }, admin);
    await lock.isWaitedFor();
    const logout = await app.http.post('/auth/logout', undefined, { token: tokens.access_token });
    await lock.release();
    expect(logout.status).toBe(204);
    expect((await replaced).status).toBe(200);
  });

  it('cannot be taken for who signs access tokens: that key opens nothing', async () => {
    await streams.create({ signing_alg: 'RS256' });
    const { tokens } = await app.signedInAdmin();
    const { claims } = decodeToken(tokens.access_token);
    const { key, signingKey } = app.app.get(KeyRing).eventSigner!;
    for (const typ of ['at+jwt', 'JWT', 'secevent+jwt']) {
      const token = forge({ alg: 'RS256', typ, kid: key.kid }, claims, rs256(signingKey));
      expect(await app.http.get('/users', { token })).toMatchObject({ status: 401, body: { code: 'token_invalid' } });
      expect((await app.http.get('/gateway/verify', { token })).status).toBe(401);
    }
  });
});

describe.each([
  ['RS256', { JWT_ALG: 'RS256' }, 1],
  ['HS256, by which no receiver could verify,', { JWT_ALG: 'HS256', JWT_SECRET: SECRET }, 1],
])('where access tokens are signed in %s', (_, environment, keys) => {
  it('all receivers are served in RS256', async () => {
    const service = await Service.start(environment);
    const { app, streams } = service;
    try {
      const stream = await streams.create();
      expect(stream.signing_alg).toBe('RS256');
      expect(await service.eventOf(stream)).toMatchObject({ alg: 'RS256' });
      expect(await service.published()).toHaveLength(keys);
      const answer = await app.http.post(STREAMS, { signing_alg: 'ES256' }, await streams.admin());
      expect(answer).toMatchObject({ status: 400, body: { errors: [{ field: 'signing_alg' }] } });
      const { tokens } = await app.signedInUser();
      expect((await app.http.get('/auth/me', { token: tokens.access_token })).status).toBe(200);
      await app.app.get(KeyRotationService).tick();
      expect((await app.http.get('/auth/me', { token: tokens.access_token })).status).toBe(200);
      const rotated = await app.http.post('/keys/rotate', { emergency: true }, await streams.admin());
      expect(rotated.status).toBe(200);
      expect(await service.eventOf(stream)).toMatchObject({ alg: 'RS256' });
    } finally {
      await app.close();
    }
  });
});
