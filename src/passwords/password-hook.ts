import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { Injectable, Logger } from '@nestjs/common';
import { AppError } from '../common/errors.js';
import { Config, ConfigError } from '../platform/config/config.js';
import { excuseWait } from '../platform/http/answer-limit.js';
import { SsrfSafeHttpClient, type HttpAnswer } from '../platform/http-client/ssrf-safe-http-client.js';

const MAX_IN_FLIGHT = 64;
const RETRY_AFTER_SECONDS = 5;

/** The address and the password of a sign-in. */
export interface EmailAndPassword {
  email: string;
  password: string;
}

/**
 * Asks the system that users come from whether a password is right, where that system does not export its hashes. It
 * decides nothing else: this service has found the user.
 */
@Injectable()
export class PasswordHook {
  private readonly logger = new Logger(PasswordHook.name);
  private readonly url: string | null;
  private readonly headers: Record<string, string>;
  private readonly timeoutMs: number;
  private inFlight = 0;

  /** Throws {@link ConfigError} for a URL to which no request may be sent. */
  constructor(
    config: Config,
    private readonly http: SsrfSafeHttpClient,
  ) {
    this.url = config.passwordHookUrl;
    const fault = this.url && http.validateTarget(this.url);
    if (fault) throw new ConfigError([`PASSWORD_HOOK_URL ${fault}`]);
    this.headers = {
      Accept: 'application/json',
      'Content-Type': 'application/json',
      Authorization: `Bearer ${config.passwordHookSecret}`,
    };
    this.timeoutMs = config.passwordHookTimeout * 1000;
  }

  get isSet(): boolean {
    return this.url !== null;
  }

  /**
   * Tells whether the other system accepts this password; null asks about nobody, and is false. All refusals take the
   * same time and one request, so that they do not tell which accounts exist, and which are still in the other system.
   * Nothing shortens that time: a caller that disconnects early must not learn of a refusal that is not counted. Throws
   * `password_hook_unavailable`, which counts as a refusal too.
   */
  async isRight(credentials: EmailAndPassword | null): Promise<boolean> {
    excuseWait(this.timeoutMs);
    const settled = delay(this.timeoutMs, null, { ref: false });
    const verdict = await this.ask(credentials ?? nobody()).catch((error: unknown) => this.failed(error));
    if (verdict === true && credentials) return true;
    await settled;
    if (verdict === null) {
      throw new AppError('password_hook_unavailable', { retryAfterSeconds: RETRY_AFTER_SECONDS });
    }
    return false;
  }

  private async ask(credentials: EmailAndPassword): Promise<boolean> {
    if (this.inFlight >= MAX_IN_FLIGHT) throw new Error('too many requests are under way');
    this.inFlight++;
    try {
      const signal = AbortSignal.timeout(this.timeoutMs);
      return verdictOf(await this.http.post(this.url!, this.headers, JSON.stringify(credentials), signal));
    } finally {
      this.inFlight--;
    }
  }

  private failed(error: unknown): null {
    const { name, code, message } = error as NodeJS.ErrnoException;
    const why = name === 'AbortError' || name === 'TimeoutError' ? 'no answer in time' : (code ?? message);
    this.logger.warn({ event: 'password_hook_failed', err: why });
    return null;
  }
}

// Makes an address (RFC 2606 2) and a password of nobody, so that the other system sees no guess at an account that has
// moved here.
const nobody = (): EmailAndPassword => ({
  email: `${randomBytes(9).toString('hex')}@nobody.invalid`,
  password: randomBytes(15).toString('base64'),
});

/** Reads the verdict from an answer. Throws where it is neither yes nor no. */
function verdictOf({ status, body }: HttpAnswer): boolean {
  if (status !== 200) throw new Error(`HTTP ${status}`);
  let answer: unknown;
  try {
    answer = JSON.parse(body);
  } catch {
    // The message of JSON.parse quotes its input.
    throw new Error('the answer is not JSON');
  }
  const valid = typeof answer === 'object' && answer !== null && 'valid' in answer ? answer.valid : undefined;
  if (typeof valid !== 'boolean') throw new Error('the answer has no boolean `valid`');
  return valid;
}
