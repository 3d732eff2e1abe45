import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { TokenResponse } from '../../src/sessions/token.view.js';
import type { User } from '../../src/users/user.entity.js';
import { TestApp } from '../support/create-app.js';
import { RowLock } from '../support/row-lock.js';
import { sendForm } from '../support/service-account.js';

const THEFT = { status: 401, body: { code: 'refresh_token_reused' } };
const LOCK_USER = 'SELECT FROM users WHERE id = $1 FOR UPDATE';

describe('a phone that loses the answer of a refresh', () => {
  let app: TestApp;
  let user: User;
  let first: TokenResponse;
  beforeAll(async () => void (app = await TestApp.start({ RATE_LIMITS: 'false', ACCESS_TOKEN_TTL: '30s' })));
  beforeEach(async () => void ({ user, tokens: first } = await app.signedInUser()));
  afterAll(() => app.close());

  const refresh = (refresh_token: string) => app.http.post<TokenResponse>('/auth/refresh', { refresh_token });
  const next = async (tokens: TokenResponse): Promise<TokenResponse> => {
    const answer = await refresh(tokens.refresh_token);
    expect(answer).toMatchObject({ status: 200 });
    return answer.body;
  };
  const statusOfMe = async ({ access_token: token }: TokenResponse) =>
    (await app.http.get('/auth/me', { token })).status;

  it('has its whole window although the rotation waited for a lock longer than the window', async () => {
    const lock = await RowLock.take(app, LOCK_USER, [user.id]);
    const rotation = refresh(first.refresh_token);
    await lock.isWaitedFor();
    app.clock.advance(3_600);
    await lock.release();
    const second = (await rotation).body;
    expect((await next(first)).refresh_token).toBe(second.refresh_token);
    await app.ageRotations(59);
    expect((await next(first)).refresh_token).toBe(second.refresh_token);
    await app.ageRotations(2);
    expect(await refresh(first.refresh_token)).toMatchObject(THEFT);
  });

  it('loses nothing of it by waiting for a lock itself', async () => {
    const second = await next(first);
    const lock = await RowLock.take(app, LOCK_USER, [user.id]);
    const retry = refresh(first.refresh_token);
    await lock.isWaitedFor();
    // As if both clocks had gone on by an hour meanwhile.
    await lock.change(`UPDATE sessions SET replaced_at = replaced_at - interval '1 hour' WHERE user_id = $1`, [
      user.id,
    ]);
    app.clock.advance(3_600);
    await lock.release();
    expect((await retry).body.refresh_token).toBe(second.refresh_token);
  });

  it('gets an access token with its whole life, however late it comes', async () => {
    await next(first);
    await app.ageRotations(45);
    app.clock.advance(45);
    const retried = await next(first);
    app.clock.advance(25);
    expect(await statusOfMe(retried)).toBe(200);
  });

  it('may use access tokens of the successor: only its refresh token tells that it arrived', async () => {
    const second = await next(first);
    expect(await statusOfMe(second)).toBe(200);
    await app.ageRotations(30);
    expect((await next(first)).refresh_token).toBe(second.refresh_token);
  });

  it('is told so at once where the successor is used while the retry is under way', async () => {
    const second = await next(first);
    const session = 'SELECT FROM sessions WHERE user_id = $1 FOR UPDATE';
    const lock = await RowLock.take(app, session, [user.id]);
    const retry = refresh(first.refresh_token);
    await lock.isWaitedFor();
    await lock.change(
      `UPDATE sessions SET generation = 2, replaced_generation = 1, replaced_at = clock_timestamp() WHERE user_id = $1`,
      [user.id],
    );
    await lock.release();
    expect(await retry).toMatchObject(THEFT);
    expect(await refresh(second.refresh_token)).toMatchObject({ status: 401, body: { code: 'refresh_token_invalid' } });
  });

  it('has it at either endpoint, one window for both', async () => {
    const send = (refresh_token: string) =>
      sendForm(app, '/oauth/token', { grant_type: 'refresh_token', refresh_token });
    const second = await next(first);
    await app.ageRotations(50);
    expect(await send(first.refresh_token)).toMatchObject({
      status: 200,
      body: { refresh_token: second.refresh_token },
    });
    await app.ageRotations(11);
    expect(await send(first.refresh_token)).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
    expect((await refresh(second.refresh_token)).status).toBe(401);
  });

  it('has it where the previous version rotated, beside this one', async () => {
    const rotateAsBefore = () =>
      app.dataSource.query('UPDATE sessions SET generation = generation + 1, rotated_at = now() WHERE user_id = $1', [
        user.id,
      ]);
    await rotateAsBefore();
    const second = await next(first);
    const third = await next(second);
    await app.ageRotations(3_600);
    await rotateAsBefore();
    const fourth = await next(third);
    expect((await next(fourth)).refresh_token).not.toBe(fourth.refresh_token);
  });
});

describe('where REFRESH_REPLAY_WINDOW is 0', () => {
  let app: TestApp;
  beforeAll(async () => void (app = await TestApp.start({ RATE_LIMITS: 'false', REFRESH_REPLAY_WINDOW: '0' })));
  afterAll(() => app.close());

  it('a refresh token works once, also for requests that come together', async () => {
    const { user, tokens } = await app.signedInUser();
    const lock = await RowLock.take(app, LOCK_USER, [user.id]);
    const refresh = () => app.http.post<{ code?: string }>('/auth/refresh', { refresh_token: tokens.refresh_token });
    const together = [refresh(), refresh()];
    await lock.isWaitedFor(2);
    await lock.release();
    const answers = await Promise.all(together);
    expect(answers.map(({ status, body }) => `${status} ${body.code ?? ''}`).sort()).toEqual([
      '200 ',
      '401 refresh_token_reused',
    ]);
  });
});
