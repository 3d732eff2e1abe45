import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestApp } from '../support/create-app.js';
import { signInAs } from '../support/sign-in.js';

const ROUNDS = 30;
const PARALLEL = 50;

interface Admin {
  id: string;
  token: string;
}

describe('administrators who remove each other, and themselves, all at once', () => {
  let app: TestApp;
  beforeAll(async () => void (app = await TestApp.start({ RATE_LIMITS: 'false' })));
  afterAll(() => app.close());

  async function createAdmin(): Promise<Admin> {
    const user = await app.createUser({ roles: ['admin', 'user'], password: undefined });
    const { access_token } = await signInAs(app, user);
    return { id: user.id, token: access_token };
  }

  const REMOVALS: ((actor: Admin, target: Admin) => Promise<{ status: number }>)[] = [
    ({ token }, { id }) => app.http.patch(`/users/${id}`, { roles: ['user'] }, { token }),
    ({ token }, { id }) => app.http.patch(`/users/${id}`, { status: 'disabled' }, { token }),
    ({ token }, { id }) => app.http.delete(`/users/${id}`, { token }),
    ({ token }) => app.http.delete('/users/me', { token }),
    ({ token }, { id }) => app.http.patch(`/users/${id}`, { roles: [], status: 'disabled' }, { token }),
  ];

  const survivors = async () =>
    (
      await app.dataSource.query<{ id: string }[]>(
        `SELECT id FROM users WHERE 'admin' = ANY (roles) AND status = 'active'`,
      )
    ).map(({ id }) => id);

  it('always leave one', async () => {
    let refusedAsLast = 0;
    for (let round = 0; round < ROUNDS; round++) {
      await app.dataSource.query('DELETE FROM users');
      const admins = await Promise.all([createAdmin(), createAdmin(), createAdmin()]);
      const attempts = Array.from({ length: PARALLEL }, (_, index) => {
        const turn = index + round;
        const removal = REMOVALS[turn % REMOVALS.length]!;
        return removal(admins[turn % 3]!, admins[Math.floor(turn / 3) % 3]!);
      });
      const statuses = (await Promise.all(attempts)).map(({ status }) => status);
      for (const status of statuses) expect([200, 204, 401, 404, 409]).toContain(status);
      const left = await survivors();
      expect(left.length).toBeGreaterThanOrEqual(1);
      expect(left.length).toBeLessThan(3);
      refusedAsLast += statuses.filter((status) => status === 409).length;
      // Whoever is left still governs.
      const last = admins.find(({ id }) => left.includes(id))!;
      if (left.length === 1) expect((await app.http.get('/users', { token: last.token })).status).toBe(200);
    }
    expect(refusedAsLast).toBeGreaterThan(0);
  });

  it('cannot take the last one in any single way', async () => {
    await app.dataSource.query('DELETE FROM users');
    const last = await createAdmin();
    const other = await app.createUser({ roles: ['admin'], status: 'disabled', password: undefined });
    for (const removal of REMOVALS) {
      expect(await removal(last, last)).toMatchObject({ status: 409, body: { code: 'last_admin' } });
    }
    expect(await survivors()).toEqual([last.id]);
    // A disabled administrator counts for nothing, and may go.
    expect((await app.http.delete(`/users/${other.id}`, { token: last.token })).status).toBe(204);
  });
});
