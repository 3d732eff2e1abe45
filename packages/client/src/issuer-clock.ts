/** A moment by both clocks of this machine, in milliseconds. */
export interface Moment {
  readonly monotonic: number;
  readonly wall: number;
}

/**
 * The issuer's time, as an upper bound: the time that it stated last, and the time that has passed since. Until it has
 * stated one, the time of this machine.
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
    // A suspended machine stops the monotonic clock, but not the wall clock; setting the wall clock back stops neither.
    return this.anchor.seconds + Math.max(monotonic, wall);
  }

  /** Sets the time: the issuer stated `seconds` after `at`, which a nonce of that moment proves. */
  set(seconds: number, at: Moment): void {
    this.anchor = { seconds, at };
  }

  /** Moves the time forward where needed: the issuer stated `seconds` at some time in the past. */
  atLeast(seconds: number): void {
    if (seconds > this.now()) this.set(seconds, this.moment());
  }

  /**
   * The seconds by which the two clocks of this machine have drifted apart since the issuer stated its time: one was
   * set, or one stopped.
   */
  get disagreement(): number {
    if (!this.anchor) return 0;
    const { monotonic, wall } = this.passed(this.anchor.at);
    return Math.abs(wall - monotonic);
  }

  /** Returns the time since a moment by both clocks, in seconds. */
  private passed(since: Moment): Moment {
    return { monotonic: (this.monotonic() - since.monotonic) / 1000, wall: (this.wall() - since.wall) / 1000 };
  }
}
