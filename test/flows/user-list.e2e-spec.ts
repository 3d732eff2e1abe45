import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestApp } from '../support/create-app.js';

interface Page {
  items: { id: string; email: string; created_at: string }[];
  next_cursor: string | null;
}

describe('an administrator looks through the users', () => {
  let app: TestApp;
  let token: string;
  beforeAll(async () => {
    app = await TestApp.start({ RATE_LIMITS: 'false' });
    token = await app.adminToken();
  });
  afterAll(() => app.close());

  const list = (query: Record<string, string> = {}) =>
    app.http.get<Page>(`/users?${new URLSearchParams(query).toString()}`, { token });
  const emails = async (query: Record<string, string>): Promise<string[]> => {
    const { status, body } = await list({ limit: '100', ...query });
    expect(status).toBe(200);
    return body.items.map((item) => item.email).sort();
  };
  const add = (email: string, fields: object = {}) => app.createUser({ email, password: undefined, ...fields });

  it('reads 45 of them page by page, newest first, without gap or repeat, while others register', async () => {
    const before: string[] = [];
    for (let n = 0; n < 45; n++) before.push((await add(`crowd${n}@example.com`)).id);
    const seen: Page['items'] = [];
    let cursor: string | null = null;
    let pages = 0;
    do {
      const { body }: { body: Page } = await list({ limit: '10', ...(cursor && { cursor }) });
      expect(body.items.length).toBeLessThanOrEqual(10);
      seen.push(...body.items);
      cursor = body.next_cursor;
      await add(`newcomer${pages++}@example.com`);
    } while (cursor);
    expect(pages).toBe(5);
    expect(seen).toHaveLength(46);
    expect(new Set(seen.slice(0, 45).map(({ id }) => id))).toEqual(new Set(before));
    const times = seen.map((item) => Date.parse(item.created_at));
    expect(times).toEqual(times.toSorted((a, b) => b - a));
  });

  it('gets 20 a page unless they ask for another number', async () => {
    const { body } = await list();
    expect(body.items).toHaveLength(20);
    expect(body.next_cursor).not.toBeNull();
    const all = (await list({ limit: '100' })).body as unknown as Page & { total: number | null };
    expect([all.next_cursor, all.total]).toEqual([null, all.items.length]);
    expect((await list({ limit: '100', role: 'user' })).body).toMatchObject({ total: null });
  });

  it('sees of a user what the view shows, and nothing of a password', async () => {
    const user = await app.createUser();
    const { body, text } = await list({ search: user.email });
    expect(Object.keys(body.items[0]!).sort()).toEqual([
      'created_at',
      'display_name',
      'email',
      'email_verified_at',
      'id',
      'locale',
      'roles',
      'status',
      'updated_at',
    ]);
    expect(text).not.toMatch(/argon2|hash|canonical|credentials/);
  });

  it.each([
    ['limit', { limit: '0' }],
    ['limit', { limit: '101' }],
    ['limit', { limit: 'many' }],
    ['limit', { limit: '1e1' }],
    ['limit', { limit: '0x10' }],
    ['limit', { limit: ' 5' }],
    ['limit', { limit: '+5' }],
    ['limit', { limit: '5.0' }],
    ['limit', { limit: '' }],
    ['limit', { limit: '-0' }],
    ['limit', { limit: 'Infinity' }],
    ['cursor', { cursor: 'bm90IGEgY3Vyc29y' }],
    ['cursor', { cursor: "' OR 1=1 --" }],
    ['status', { status: 'deleted' }],
    ['search', { search: '' }],
    ['order', { order: 'email' }],
  ])('is told that %s is wrong in %j', async (field, query) => {
    const answer = await list(query);
    expect(answer).toMatchObject({ status: 400, body: { code: 'invalid_request', errors: [{ field }] } });
  });

  it('searches by the beginning of an address, in any letter case', async () => {
    await add('Beatrix@Search.example');
    await add('bea@search.example');
    await add('abea@search.example');
    expect(await emails({ search: 'BEA' })).toEqual(['Beatrix@Search.example', 'bea@search.example']);
    expect(await emails({ search: 'beatrix@search' })).toEqual(['Beatrix@Search.example']);
  });

  it('searches by the beginning of a display name, in any letter case and script', async () => {
    await add('name1@search.example', { displayName: 'Élodie Durand' });
    await add('name2@search.example', { displayName: 'élodie' });
    await add('name3@search.example', { displayName: 'Marie-Élodie' });
    expect(await emails({ search: 'élo' })).toEqual(['name1@search.example', 'name2@search.example']);
    expect(await emails({ search: 'ÉLODIE D' })).toEqual(['name1@search.example']);
  });

  it('searches for an international address as it is shown', async () => {
    await add('anna@bücher.example');
    expect(await emails({ search: 'anna@bücher.example' })).toEqual(['anna@bücher.example']);
  });

  it.each([
    ['%', '100% Käse', '100 Käse'],
    ['_', 'a_b', 'axb'],
    ['\\', 'c:\\dos', 'c:dos'],
  ])('finds the character %s itself, not whatever it might stand for', async (character, literal, other) => {
    const local = `literal${character.codePointAt(0)}`;
    await add(`${local}-1@search.example`, { displayName: literal });
    await add(`${local}-2@search.example`, { displayName: other });
    const prefix = literal.slice(0, literal.indexOf(character) + 1);
    expect(await emails({ search: prefix })).toEqual([`${local}-1@search.example`]);
    expect(await emails({ search: character })).toEqual([]);
  });

  it('filters by status and by role, also together with a search', async () => {
    await add('filter1@filter.example', { status: 'disabled', roles: ['user', 'auditor'] });
    await add('filter2@filter.example', { roles: ['auditor'] });
    await add('filter3@filter.example', { status: 'disabled' });
    expect(await emails({ role: 'auditor' })).toEqual(['filter1@filter.example', 'filter2@filter.example']);
    expect(await emails({ status: 'disabled' })).toEqual(['filter1@filter.example', 'filter3@filter.example']);
    expect(await emails({ status: 'disabled', role: 'auditor' })).toEqual(['filter1@filter.example']);
    expect(await emails({ status: 'active', search: 'filter' })).toEqual(['filter2@filter.example']);
    expect(await emails({ role: 'nobody' })).toEqual([]);
  });
});
