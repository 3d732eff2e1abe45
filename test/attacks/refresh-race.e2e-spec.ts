import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TokenResponse } from '../../src/sessions/token.view.js';
import { TestApp } from '../support/create-app.js';

const ROUNDS = 30;
const PARALLEL = 50;

describe('refreshing fifty times at once with one token', () => {
  let app: TestApp;
  // With the limits of production: honest tabs must not meet them.
  beforeAll(async () => void (app = await TestApp.start()));
  afterAll(() => app.close());

  const refresh = (refresh_token: string) => app.http.post<TokenResponse>('/auth/refresh', { refresh_token });
  const generation = async () =>
    (await app.dataSource.query<{ generation: number }[]>('SELECT generation FROM sessions'))[0]!.generation;

  it('yields one and the same successor to all, round after round', async () => {
    const user = await app.createUser();
    let tokens = await app.login(user.email);
    for (let round = 0; round < ROUNDS; round++) {
      const before = await generation();
      const { refresh_token: token } = tokens;
      const answers = await Promise.all(Array.from({ length: PARALLEL }, () => refresh(token)));
      expect(answers.map(({ status }) => status)).toEqual(Array(PARALLEL).fill(200));
      const successors = new Set(answers.map(({ body }) => body.refresh_token));
      expect(successors.size).toBe(1);
      expect(successors.has(token)).toBe(false);
      expect(await generation()).toBe(before + 1);
      // All access tokens work: whichever answer reaches its tab, the tab goes on.
      const some = [answers[0]!, answers[PARALLEL / 2]!, answers[PARALLEL - 1]!];
      for (const { body } of some)
        expect((await app.http.get('/auth/me', { token: body.access_token })).status).toBe(200);
      tokens = answers[0]!.body;
    }
  });

  it('never leaves two tokens alive: of predecessor and successor, at most one rotates', async () => {
    const { email } = await app.createUser();
    for (let round = 0; round < 10; round++) {
      const first = await app.login(email);
      const second = (await refresh(first.refresh_token)).body;
      // Both at once: the predecessor may get the successor again, or be taken for theft, and never a token of its own.
      const answers = await Promise.all([
        ...Array.from({ length: 5 }, () => refresh(second.refresh_token)),
        ...Array.from({ length: 5 }, () => refresh(first.refresh_token)),
      ]);
      const third = new Set(
        answers
          .slice(0, 5)
          .filter(({ status }) => status === 200)
          .map(({ body }) => body.refresh_token),
      );
      expect(third.size).toBeLessThanOrEqual(1);
      for (const { status, body } of answers.slice(5)) {
        if (status === 200) expect(body.refresh_token).toBe(second.refresh_token);
        else expect(status).toBe(401);
      }
    }
  });
});
