/** A moment on both clocks of this machine, in milliseconds. */
export interface Moment {
  readonly monotonic: number;
  readonly wall: number;
}

/**
 * What time it is for the issuer, as an upper bound: what it said last, and the time that has passed since. Before it
 * has said anything, the time of this machine.
 */
export class IssuerClock {
  private anchor: { readonly seconds: number; readonly at: Moment } | null = null;

  constructor(
    private readonly wall: () => number = Date.now,
    private readonly monotonic: () => number = () => performance.now(),
  ) {}

  moment(): Moment {
    return { monotonic: this.monotonic(), wall: this.wall() };
  }

  /** Seconds since the epoch. */
  now(): number {
    if (!this.anchor) return this.wall() / 1000;
    const { monotonic, wall } = this.passed(this.anchor.at);
    // A suspended machine stops the monotonic clock, not the wall clock; who sets the wall clock back stops nothing.
    return this.anchor.seconds + Math.max(monotonic, wall);
  }

  /** The issuer said `seconds` after `at`: a nonce that was made then proves it. */
  set(seconds: number, at: Moment): void {
    this.anchor = { seconds, at };
  }

  /** The issuer said `seconds` at some time in the past. */
  atLeast(seconds: number): void {
    if (seconds > this.now()) this.set(seconds, this.moment());
  }

  /** By how many seconds the two clocks of this machine disagree since the issuer spoke: one was set, or one stood. */
  get disagreement(): number {
    if (!this.anchor) return 0;
    const { monotonic, wall } = this.passed(this.anchor.at);
    return Math.abs(wall - monotonic);
  }

  /** In seconds. */
  private passed(since: Moment): Moment {
    return { monotonic: (this.monotonic() - since.monotonic) / 1000, wall: (this.wall() - since.wall) / 1000 };
  }
}
