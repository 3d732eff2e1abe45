import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { Mailbox } from '../support/mailbox.js';

const NEW = 'nine purple umbrellas';

describe('finding out who has an account, by registering', () => {
  let mailbox: Mailbox;
  beforeAll(async () => {
    mailbox = await Mailbox.start({ TRUSTED_PROXIES: '127.0.0.1/32', EMAIL_VERIFICATION: 'required' });
  });
  afterAll(() => mailbox.close());
  // Seconds do not pass while we ask.
  beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'] }));
  afterEach(() => vi.useRealTimers());

  it.each(['/auth/register', '/auth/email/verification'])(
    'shows nothing where addresses are verified: %s answers all alike, also when attempts run out',
    async (path) => {
      const { app } = mailbox;
      const sequences = [];
      const users = [{ emailVerified: true }, {}, { status: 'disabled' as const }, null];
      for (const [index, fields] of users.entries()) {
        const email = fields ? (await app.createUser(fields)).email : `nobody@example.com`;
        const sequence = [];
        for (let n = 0; n < 8; n++) {
          const body = path === '/auth/register' ? { email, password: NEW } : { email };
          const { status, headers, text } = await app.http.post(path, body, {
            headers: { 'x-request-id': `registration-${n}`, 'x-forwarded-for': `203.0.${path.length}.${index}` },
          });
          sequence.push({ status, headers: [...headers].filter(([name]) => name !== 'date'), text });
        }
        sequences.push(sequence);
      }
      expect(new Set(sequences[0]!.map(({ status }) => status))).toEqual(new Set([202, 429]));
      for (const sequence of sequences) expect(sequence).toEqual(sequences[0]);
    },
  );

  it('shows nothing by a weak password or a fault of form: both are refused before anything is looked up', async () => {
    const { email } = await mailbox.app.createUser({ emailVerified: true });
    for (const address of [email, email.replace('user', 'nope')]) {
      const answer = await mailbox.app.http.post('/auth/register', { email: address, password: 'password1' });
      expect(answer).toMatchObject({ status: 400, body: { errors: [{ field: 'password', code: 'common' }] } });
    }
  });
});

describe('finding out who has an account, by how long a registration takes', () => {
  let mailbox: Mailbox;
  beforeAll(async () => {
    mailbox = await Mailbox.start({ RATE_LIMITS: 'false', LOG_LEVEL: 'info', EMAIL_VERIFICATION: 'required' });
  });
  afterAll(() => mailbox.close());

  it('shows nothing: a registration takes the same steps, whether or not the address has an account', async () => {
    const { app } = mailbox;
    const { email } = await app.createUser({ emailVerified: true });
    const stepsOf = async (address: string) => {
      const steps: string[] = [];
      const queries = vi.spyOn(app.dataSource, 'createQueryRunner').mockImplementation(function (
        this: never,
        ...given
      ) {
        const runner = createQueryRunner(...given);
        const query = runner.query.bind(runner) as (...values: unknown[]) => Promise<unknown>;
        runner.query = ((text: string, ...rest: unknown[]) => {
          // Beside those of workers, which send mails meanwhile.
          const [step] = /^INSERT INTO (?:"users"|passwords|audit_inbox)/.exec(text) ?? [];
          if (step) steps.push(step);
          return query(text, ...rest);
        }) as typeof runner.query;
        return runner;
      });
      const answer = await app.http.post('/auth/register', { email: address, password: NEW });
      queries.mockRestore();
      expect(answer.status).toBe(202);
      return steps;
    };
    const createQueryRunner = app.dataSource.createQueryRunner.bind(app.dataSource);
    const [known, unknown] = [await stepsOf(email), await stepsOf('stranger@example.com')];
    expect(known).toEqual(['INSERT INTO "users"', 'INSERT INTO audit_inbox', 'INSERT INTO passwords']);
    expect(unknown).toEqual(known);
  });
});
