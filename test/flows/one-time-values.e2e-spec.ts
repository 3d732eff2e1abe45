import { createHash, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Transactions } from '../../src/platform/database/transactions.js';
import { purposeOf, type OneTimeValue } from '../../src/platform/one-time/one-time-purpose.js';
import { OneTimeValues } from '../../src/platform/one-time/one-time-values.js';
import { TestApp } from '../support/create-app.js';

interface Facts {
  note: string;
}

const LIFETIME = 600;
const GUESSES = 5;
const LINK = purposeOf<Facts>({ name: 'test_link', lifetime: LIFETIME, codes: null });
const CODE = purposeOf<Facts>({ name: 'test_code', lifetime: LIFETIME, codes: { guesses: GUESSES, window: 3600 } });
const OTHER = purposeOf<Facts>({ name: 'test_other', lifetime: LIFETIME, codes: { guesses: GUESSES, window: 3600 } });

describe('a value that works once', () => {
  let app: TestApp;
  let values: OneTimeValues;
  let transactions: Transactions;
  let subject: string;
  beforeAll(async () => {
    app = await TestApp.start();
    values = app.app.get(OneTimeValues);
    transactions = app.app.get(Transactions);
  });
  afterAll(() => app.close());
  beforeEach(() => void (subject = randomUUID()));

  const issue = (purpose = LINK, holder?: Buffer) =>
    transactions.run((manager) => values.issue(purpose, { subject, data: { note: 'kept' }, holder }, manager));
  const consume = (value: OneTimeValue<object>) => transactions.run((manager) => values.consume(value, manager));
  const byToken = (value: OneTimeValue<Facts>) =>
    values.findByToken(value.purpose, values.tokenOf(value.purpose, value.id));
  const byCode = (code: string, purpose = CODE) => values.findByCode(purpose, subject, code);
  const codeOf = (value: OneTimeValue<Facts>) => values.codeOf(value.purpose, value.id);
  /** A code of none of these values. */
  const wrongCode = (...issued: OneTimeValue<Facts>[]) =>
    ['000000', '111111', '222222', '333333', '444444'].find((code) => !issued.map(codeOf).includes(code))!;

  it('is found by its token as often as somebody looks, and used up once', async () => {
    const value = await issue();
    for (let look = 0; look < 3; look++) expect((await byToken(value)).value).toEqual(value);
    expect(await consume(value)).toBe(true);
    expect(await consume(value)).toBe(false);
    expect(await byToken(value)).toEqual({ value: null, refusal: 'used' });
  });

  it('is not used up by a transaction that comes to nothing', async () => {
    const value = await issue();
    const failing = transactions.run(async (manager) => {
      expect(await values.consume(value, manager)).toBe(true);
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    expect(await consume(value)).toBe(true);
  });

  it('is there only once its cause is committed', async () => {
    let issued: OneTimeValue<Facts> | undefined;
    const failing = transactions.run(async (manager) => {
      issued = await values.issue(LINK, { subject, data: { note: '' } }, manager);
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    expect(await byToken(issued!)).toEqual({ value: null, refusal: 'unknown' });
  });

  it('has one winner of ten who use it at the same time, in each of 40 rounds', async () => {
    for (let round = 0; round < 40; round++) {
      const value = await issue();
      const won = await Promise.all(Array.from({ length: 10 }, () => consume(value)));
      expect(won.filter(Boolean)).toHaveLength(1);
    }
  });

  it('expires, also between being found and being used', async () => {
    const value = await issue();
    const { value: found } = await byToken(value);
    app.clock.advance(LIFETIME);
    expect(await consume(found!)).toBe(false);
    expect(await byToken(value)).toEqual({ value: null, refusal: 'expired' });
  });

  it('is of its purpose alone', async () => {
    const value = await issue();
    const token = values.tokenOf(LINK, value.id);
    expect(await values.findByToken(OTHER, token)).toEqual({ value: null, refusal: 'malformed' });
    expect(await values.find(OTHER, value.id)).toEqual({ value: null, refusal: 'unknown' });
    expect(await consume({ ...value, purpose: OTHER })).toBe(false);
    expect(() => values.codeOf(LINK, value.id)).toThrow('test_link has no codes');
    await expect(values.findByCode(LINK, subject, '000000')).rejects.toThrow('test_link has no codes');
  });

  it('is of its holder alone, where it has one', async () => {
    const [holder, stranger] = ['holder', 'stranger'].map((text) => createHash('sha256').update(text).digest());
    const value = await issue(CODE, holder);
    const [token, code] = [values.tokenOf(CODE, value.id), codeOf(value)];
    for (const shown of [null, stranger!]) {
      expect(await values.findByToken(CODE, token, shown)).toEqual({ value: null, refusal: 'other_holder' });
      expect(await values.findByCode(CODE, subject, code, shown)).toEqual({ value: null, refusal: 'wrong_code' });
    }
    expect((await values.findByToken(CODE, token, holder)).value?.id).toBe(value.id);
    expect((await values.findByCode(CODE, subject, code, holder)).value?.id).toBe(value.id);
  });

  it('is worthless once its subject is done with its purpose, and others are not', async () => {
    const [mine, also, other] = [await issue(), await issue(CODE), await issue(OTHER)];
    const elses = await transactions.run((manager) =>
      values.issue(LINK, { subject: randomUUID(), data: { note: '' } }, manager),
    );
    await transactions.run((manager) => values.discard([LINK, CODE], subject, manager));
    expect((await byToken(mine)).refusal).toBe('used');
    expect((await byCode(codeOf(also))).refusal).toBe('wrong_code');
    expect((await byToken(other)).value).not.toBeNull();
    expect((await byToken(elses)).value).not.toBeNull();
  });

  it('is found by its code, also where another one has been sent since', async () => {
    const issued = [await issue(CODE), await issue(CODE), await issue(CODE), await issue(CODE)];
    app.clock.advance(1);
    expect((await byCode(codeOf(issued[3]!))).value?.id).toBe(issued[3]!.id);
    const found = await Promise.all(issued.map((value) => byCode(codeOf(value))));
    expect(found.filter(({ value }) => value)).toHaveLength(3);
  });

  it('counts wrong codes over all values of its subject, and no right one', async () => {
    const first = await issue(CODE);
    for (let look = 0; look < 2 * GUESSES; look++) expect((await byCode(codeOf(first))).value?.id).toBe(first.id);
    for (let guess = 1; guess < GUESSES; guess++) expect((await byCode(wrongCode(first))).refusal).toBe('wrong_code');
    const second = await issue(CODE);
    expect((await byCode(wrongCode(first, second))).refusal).toBe('wrong_code');
    for (const value of [first, second]) expect((await byCode(codeOf(value))).refusal).toBe('too_many_guesses');
    // The token of the same value is long enough to need no count.
    expect((await byToken(second)).value?.id).toBe(second.id);
    expect((await byCode('000000', OTHER)).refusal).toBe('wrong_code');
    app.clock.advance(3600);
    const third = await issue(CODE);
    expect((await byCode(codeOf(third))).value?.id).toBe(third.id);
  });

  it('compares no more codes than may be guessed, however many come at the same time, in each of 30 rounds', async () => {
    for (let round = 0; round < 30; round++) {
      subject = randomUUID();
      const value = await issue(CODE);
      const answers = await Promise.all(Array.from({ length: 50 }, () => byCode(wrongCode(value))));
      expect(answers.filter(({ refusal }) => refusal === 'wrong_code')).toHaveLength(GUESSES);
      expect(answers.filter(({ refusal }) => refusal === 'too_many_guesses')).toHaveLength(50 - GUESSES);
    }
  });

  it('leaves nothing in the database that can be shown for it', async () => {
    const issued = [await issue(CODE), await issue(OTHER)];
    const rows = JSON.stringify(
      await app.dataSource.query('SELECT * FROM one_time_values WHERE subject = $1', [subject]),
    );
    for (const value of issued) {
      expect(rows).toContain(value.id);
      expect(rows).not.toContain(values.tokenOf(value.purpose, value.id).slice(-22));
      expect(rows).not.toContain(codeOf(value));
    }
  });

  it('is forgotten a day after it has expired', async () => {
    const value = await issue(CODE);
    await byCode(wrongCode(value));
    const count = async () => {
      await values.purge();
      const tables = ['one_time_values', 'one_time_guesses'];
      const counts = tables.map((table) =>
        app.dataSource.query<[{ n: number }]>(`SELECT count(*)::int AS n FROM ${table} WHERE subject = $1`, [subject]),
      );
      return (await Promise.all(counts)).map(([{ n }]) => n);
    };
    app.clock.advance(LIFETIME + 24 * 3600 - 1);
    expect(await count()).toEqual([1, 1]);
    app.clock.advance(3600);
    expect(await count()).toEqual([0, 0]);
  });
});
