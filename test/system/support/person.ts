import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Answer, HttpClient, RequestOptions } from '../../support/http-client.js';
import type { TokenResponse } from '../../../src/sessions/token.view.js';
import { PASSWORD } from './service.js';

/** No answer, or one that says "try again": whether the request had an effect is unknown. */
export class Interrupted extends Error {}

/** An answer that no interruption explains. */
export class Broken extends Error {}

/** What the service has acknowledged, and must never forget. */
export class Ledger {
  readonly registered: string[] = [];
  readonly ended: TokenResponse[] = [];
  refreshes = 0;
  private checkedRegistered = 0;
  private checkedEnded = 0;

  get acknowledgements(): number {
    return this.registered.length + this.ended.length + this.refreshes;
  }

  /** Checks what was acknowledged since the last time. */
  async check(http: HttpClient): Promise<void> {
    await this.checkAll(http, this.registered.slice(this.checkedRegistered), this.ended.slice(this.checkedEnded));
    this.checkedRegistered = this.registered.length;
    this.checkedEnded = this.ended.length;
  }

  /** Checks everything that was ever acknowledged. */
  async checkAll(http: HttpClient, registered = this.registered, ended = this.ended): Promise<void> {
    await inParallel(registered, async (email) => {
      await expectStatus(`login of ${email}`, 200, () => http.post('/auth/login', { email, password: PASSWORD }));
    });
    await inParallel(ended, async (tokens) => {
      const { access_token: token, refresh_token: refreshToken } = tokens;
      await expectStatus('access after logout', 401, () => http.get('/auth/me', { token }));
      await expectStatus('refresh after logout', 401, () =>
        http.post('/auth/refresh', { refresh_token: refreshToken }),
      );
    });
  }
}

type Step = (retried: boolean) => Promise<void>;

/** Registers, signs in, refreshes and signs out without end; after an interruption repeats what was interrupted. */
export class Person {
  private email: string | null = null;
  private tokens: TokenResponse | null = null;
  private interrupted: Step | null = null;

  constructor(
    private readonly ledger: Ledger,
    public http: HttpClient,
  ) {}

  /** Until the first interruption. */
  async live(): Promise<void> {
    try {
      for (;;) await this.step();
    } catch (error) {
      if (!(error instanceof Interrupted)) throw error;
    }
  }

  /** One thing, or the last one again if it was interrupted. Throws {@link Interrupted} and {@link Broken}. */
  async step(): Promise<void> {
    const step = this.interrupted ?? this.next();
    const retried = this.interrupted !== null;
    this.interrupted = step;
    await step(retried);
    this.interrupted = null;
  }

  private next(): Step {
    if (!this.email) return this.register(`${randomUUID()}@example.com`);
    if (!this.tokens) return this.login(this.email);
    return Math.random() < 0.75 ? this.refresh(this.tokens) : this.logout(this.tokens);
  }

  private register(email: string): Step {
    return async (retried) => {
      // Where the first try had been committed, the second finds the account that it made.
      await this.send('register', retried ? [201, 409] : [201], '/auth/register', {
        body: { email, password: PASSWORD },
      });
      this.ledger.registered.push(email);
      this.email = email;
    };
  }

  private login(email: string): Step {
    return async () => {
      this.tokens = await this.send('login', [200], '/auth/login', { body: { email, password: PASSWORD } });
    };
  }

  private refresh({ refresh_token: token, access_token: accessToken }: TokenResponse): Step {
    return async () => {
      // A lost answer does not matter: the same token gets the same successor.
      const tokens = await this.send('refresh', [200], '/auth/refresh', { body: { refresh_token: token } });
      this.ledger.refreshes += 1;
      this.tokens = tokens;
      await this.outcome('access before logout', [200], this.http.get('/auth/me', { token: accessToken }));
    };
  }

  private logout(tokens: TokenResponse): Step {
    const byAccessToken = Math.random() < 0.5;
    return async () => {
      const options = byAccessToken
        ? { token: tokens.access_token }
        : { body: { refresh_token: tokens.refresh_token } };
      await this.send('logout', [204], '/auth/logout', options);
      this.ledger.ended.push(tokens);
      this.tokens = null;
      if (Math.random() < 0.5) this.email = null;
    };
  }

  private async send(what: string, expected: number[], path: string, options: RequestOptions): Promise<TokenResponse> {
    return this.outcome(what, expected, this.http.send<TokenResponse>('POST', path, options));
  }

  private async outcome<Body>(what: string, expected: number[], request: Promise<Answer<Body>>): Promise<Body> {
    let answer: Answer<Body>;
    try {
      answer = await request;
    } catch (cause) {
      throw new Interrupted(what, { cause });
    }
    if (saysTryAgain(answer)) throw new Interrupted(what);
    if (!expected.includes(answer.status)) throw new Broken(`${what}: ${answer.status} ${answer.text}`);
    return answer.body;
  }
}

/** A service that has just lost its database may say "try again" for a moment more. */
async function expectStatus(what: string, expected: number, send: () => Promise<Answer>): Promise<void> {
  let answer = await send();
  while (saysTryAgain(answer)) {
    await sleep(50);
    answer = await send();
  }
  if (answer.status !== expected) throw new Broken(`${what}: ${answer.status} ${answer.text}`);
}

const saysTryAgain = <Body>({ status, headers }: Answer<Body>): boolean => status === 503 && headers.has('retry-after');

async function inParallel<T>(items: T[], work: (item: T) => Promise<void>): Promise<void> {
  const queue = items.values();
  await Promise.all(
    Array.from({ length: 8 }, async () => {
      for (const item of queue) await work(item);
    }),
  );
}
