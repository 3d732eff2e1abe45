import type { TokenError } from './errors.js';
import type { Emit } from './events.js';

/** The shortest time between two reports of one check, in milliseconds: bad tokens must not fill the log of the service. */
const PACE_MS = 60_000;

/** Reports refused tokens: the first of each check at once, the others once a minute with their number. */
export class Refusals {
  private readonly told = new Map<string, { at: number; times: number }>();

  constructor(private readonly emit: Emit) {}

  note({ code, cause: fault }: TokenError): void {
    const check = `${code} ${fault?.check}`;
    const last = this.told.get(check);
    const times = (last?.times ?? 0) + 1;
    const now = performance.now();
    if (last && now - last.at < PACE_MS) {
      last.times = times;
      return;
    }
    this.told.set(check, { at: now, times: 0 });
    this.emit({ type: 'token_refused', code, fault: fault ?? null, times });
  }
}
