/** Counts events, so that another step begins after a number of them, and not after a number of milliseconds. */
export class Tally {
  count = 0;
  private readonly awaited = new Map<number, () => void>();

  add(): void {
    this.count += 1;
    this.awaited.get(this.count)?.();
  }

  /** Resolves once the number is `count`. At most one caller may wait for each number. */
  reached(count: number): Promise<void> {
    if (this.count >= count) return Promise.resolve();
    return new Promise((resolve) => void this.awaited.set(count, resolve));
  }
}
