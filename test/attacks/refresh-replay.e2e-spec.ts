import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TokenResponse } from '../../src/sessions/token.view.js';
import { TestApp } from '../support/create-app.js';
import { decodeToken } from '../support/decode-token.js';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

describe('replaying a refresh token', () => {
  let app: TestApp;
  let me: string;
  let other: TokenResponse;

  // The limits have a file of their own; here a thief has all the attempts of the world.
  beforeAll(async () => {
    app = await TestApp.start({ RATE_LIMITS: 'false', LOG_LEVEL: 'warn' });
    me = (await app.createUser()).email;
    other = await app.login(me);
  });
  afterAll(() => app.close());

  const refresh = (refresh_token: string) =>
    app.http.post<TokenResponse & { code: string }>('/auth/refresh', { refresh_token });
  const rotate = async (token: string): Promise<TokenResponse> => {
    const { status, body } = await refresh(token);
    expect(status).toBe(200);
    return body;
  };
  const sessionOf = (tokens: TokenResponse) => decodeToken<{ sid: string }>(tokens.access_token).claims.sid;
  const generationOf = async (tokens: TokenResponse) => {
    const id = Buffer.from(sessionOf(tokens), 'base64url').toString('hex');
    const rows = await app.dataSource.query<{ generation: number }[]>('SELECT generation FROM sessions WHERE id = $1', [
      id,
    ]);
    return rows[0]?.generation;
  };
  const expectDead = async (...all: TokenResponse[]) => {
    expect(await generationOf(all[0]!)).toBeUndefined();
    for (const { access_token: token, refresh_token } of all) {
      expect(await app.http.get('/auth/me', { token })).toMatchObject({ status: 401, body: { code: 'token_revoked' } });
      expect(await refresh(refresh_token)).toMatchObject({ status: 401, body: { code: 'refresh_token_invalid' } });
    }
  };
  const expectReuse = async (token: string) => {
    expect(await refresh(token)).toMatchObject({ status: 401, body: { code: 'refresh_token_reused' } });
  };

  it('the direct predecessor yields the very same successor within a minute, and does not rotate', async () => {
    const first = await app.login(me);
    const second = await rotate(first.refresh_token);
    for (let again = 0; again < 3; again++) {
      await app.ageRotations(18);
      expect((await rotate(first.refresh_token)).refresh_token).toBe(second.refresh_token);
    }
    expect(await generationOf(first)).toBe(1);
    const third = await rotate(second.refresh_token);
    expect(third.refresh_token).not.toBe(second.refresh_token);
    expect((await rotate(second.refresh_token)).refresh_token).toBe(third.refresh_token);
  });

  it('is theft once the successor has been used, though the minute is not over', async () => {
    const first = await app.login(me);
    const second = await rotate(first.refresh_token);
    const third = await rotate(second.refresh_token);
    await expectReuse(first.refresh_token);
    await expectDead(third, second, first);
  });

  it('is theft after a minute', async () => {
    const first = await app.login(me);
    const second = await rotate(first.refresh_token);
    await app.ageRotations(61);
    await expectReuse(first.refresh_token);
    await expectDead(second, first);
  });

  it('is theft for an ancestor of any age', async () => {
    const chain = [await app.login(me)];
    for (let generation = 0; generation < 6; generation++) chain.push(await rotate(chain.at(-1)!.refresh_token));
    await expectReuse(chain[2]!.refresh_token);
    await expectDead(...chain);
  });

  it('asking again does not prolong the minute', async () => {
    const first = await app.login(me);
    const second = await rotate(first.refresh_token);
    await app.ageRotations(36);
    await rotate(first.refresh_token);
    await app.ageRotations(36);
    await expectReuse(first.refresh_token);
    await expectDead(second);
  });

  it('ends this session alone, and leaves a line in the log that names it and no token', async () => {
    const first = await app.login(me);
    await rotate((await rotate(first.refresh_token)).refresh_token);
    app.logLines.length = 0;
    await expectReuse(first.refresh_token);
    const line = app.logLines.find((each) => each.includes('refresh_token_reused'))!;
    expect(line).toContain(sessionOf(first));
    expect(app.logLines.join('')).not.toContain('csr_');
    expect((await app.http.get('/auth/me', { token: other.access_token })).status).toBe(200);
    expect(await generationOf(other)).toBe(0);
  });

  it('by many at once ends the session once, and every answer is a refusal', async () => {
    const first = await app.login(me);
    const third = await rotate((await rotate(first.refresh_token)).refresh_token);
    const answers = await Promise.all(Array.from({ length: 20 }, () => refresh(first.refresh_token)));
    for (const { status, body } of answers) {
      expect(status).toBe(401);
      expect(body.code).toMatch(/^refresh_token_(reused|invalid)$/);
    }
    expect(answers.map(({ body }) => body.code)).toContain('refresh_token_reused');
    await expectDead(third);
  });

  it('a forged token is refused and does nothing to the session', async () => {
    const tokens = await app.login(me);
    const genuine = tokens.refresh_token;
    const forged: string[] = [];
    for (let at = 0; at < genuine.length; at++) {
      const next = ALPHABET[(ALPHABET.indexOf(genuine[at]!) + 16 * (1 + (at % 3))) % 64]!;
      forged.push(genuine.slice(0, at) + next + genuine.slice(at + 1));
    }
    // The last character has four unused bits: another text, the same bytes.
    for (let bits = 1; bits < 16; bits++)
      forged.push(genuine.slice(0, -1) + ALPHABET[ALPHABET.indexOf(genuine.at(-1)!) + bits]!);
    forged.push(
      `${genuine}A`,
      `${genuine}=`,
      genuine.slice(0, -1),
      genuine.slice(4),
      genuine.toUpperCase(),
      `csr_${genuine}`,
    );
    forged.push(
      ` ${genuine}`,
      `${genuine} `,
      genuine.replace('csr_', 'CSR_'),
      'csr_',
      `csr_${'A'.repeat(70)}`,
      `csr_${'_'.repeat(69)}w`,
    );
    expect(new Set(forged).has(genuine)).toBe(false);
    for (const token of forged) {
      expect(await refresh(token), token).toMatchObject({ status: 401, body: { code: 'refresh_token_invalid' } });
      expect((await app.http.post('/auth/logout', { refresh_token: token })).status).toBe(204);
    }
    expect(await generationOf(tokens)).toBe(0);
    await rotate(genuine);
  });

  it('parts of two sessions make no third', async () => {
    const mallory = await app.createUser();
    const [own, victim] = [await app.login(mallory.email), await app.login(me)];
    const bytes = ({ refresh_token }: TokenResponse) => Buffer.from(refresh_token.slice(4), 'base64url');
    // Session id, generation, secret and MAC: every exchange of one of them.
    for (const [from, to] of [
      [0, 16],
      [16, 20],
      [20, 36],
      [36, 52],
      [0, 20],
      [16, 36],
      [0, 36],
    ] as const) {
      const spliced = bytes(own);
      bytes(victim).copy(spliced, from, from, to);
      if (from === 16 && to === 20) spliced.writeUInt32BE(1, 16);
      const answer = await refresh(`csr_${spliced.toString('base64url')}`);
      expect(answer, `${from}-${to}`).toMatchObject({ status: 401, body: { code: 'refresh_token_invalid' } });
    }
    expect([await generationOf(own), await generationOf(victim)]).toEqual([0, 0]);
  });

  it("somebody else's bearer beside it changes nothing: it yields its own user's tokens", async () => {
    const mallory = await app.signedInUser();
    const victim = await app.login(me);
    const answer = await app.http.post<TokenResponse>(
      '/auth/refresh',
      { refresh_token: mallory.tokens.refresh_token },
      { token: victim.access_token },
    );
    const principal = await app.http.get('/auth/me', { token: answer.body.access_token });
    expect(principal).toMatchObject({ status: 200, body: { sub: mallory.user.id } });
  });

  it('is over with the idle limit and with the absolute one', async () => {
    const idle = await app.login(me);
    app.clock.advance(30 * 86_400 + 1);
    expect(await refresh(idle.refresh_token)).toMatchObject({ status: 401, body: { code: 'refresh_token_invalid' } });
    let lively = await app.login(me);
    for (let month = 0; month < 7; month++) {
      app.clock.advance(29 * 86_400);
      const { status, body } = await refresh(lively.refresh_token);
      expect(status, `month ${month}`).toBe(month < 6 ? 200 : 401);
      if (status === 200) lively = body;
    }
  });
});
