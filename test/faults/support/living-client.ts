import { setTimeout as sleep } from 'node:timers/promises';
import type { TokenResponse } from '../../../src/sessions/token.view.js';
import { until } from '../../system/support/processes.js';
import type { Deployment } from './deployment.js';
import type { Outcome, Verifiers } from './verifiers.js';

/** The pause of a person between two requests. */
const PACE_MS = 100;

/** A client that stays signed in. After a refusal by a verifier it refreshes, and sends the new token. */
export class LivingClient {
  refusals = 0;
  private tries = 0;
  /** The outcomes of tokens that had just been refreshed, other than "accepted". */
  refusedAfterRefresh: Outcome[][] = [];
  private over = false;
  private readonly life: Promise<void>;

  constructor(
    private readonly deployment: Deployment,
    private readonly verifiers: Verifiers,
    private tokens: TokenResponse,
    private readonly instance = 0,
  ) {
    this.life = this.live();
    // `end` reports it.
    this.life.catch(() => undefined);
  }

  get token(): string {
    return this.tokens.access_token;
  }

  /** Forgets the refusals until now, which are no fault. */
  forgive(): void {
    this.refusedAfterRefresh = [];
  }

  /** Waits until the client has come so many more times. */
  async comes(times: number): Promise<void> {
    const before = this.tries;
    await until('the client comes again', () => this.tries >= before + times);
  }

  async end(): Promise<void> {
    this.over = true;
    await this.life;
  }

  private async live(): Promise<void> {
    while (!this.over) {
      const outcomes = await this.verifiers.tell('tryOut', this.token);
      if (!isAccepted(outcomes)) await this.comeBack();
      this.tries += 1;
      await sleep(PACE_MS);
    }
  }

  private async comeBack(): Promise<void> {
    this.refusals += 1;
    // An issuer that is away is no fault of the verifiers: the next round tries again.
    if (!(await this.refresh())) return;
    const outcomes = await this.verifiers.tell('tryOut', this.token);
    if (!isAccepted(outcomes)) this.refusedAfterRefresh.push(outcomes);
  }

  private async refresh(): Promise<boolean> {
    const body = { refresh_token: this.tokens.refresh_token };
    const { http } = this.deployment.instance(this.instance);
    const answer = await http.post<TokenResponse>('/auth/refresh', body).catch(() => null);
    if (answer === null || answer.status === 503) return false;
    if (answer.status !== 200) throw new Error(`refresh: ${answer.status} ${answer.text}`);
    this.tokens = answer.body;
    return true;
  }
}

const isAccepted = (outcomes: Outcome[]): boolean => outcomes.every((outcome) => outcome === 'accepted');
