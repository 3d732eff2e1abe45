/** Counts what happens, so that something else begins after so much of it, and not after so many milliseconds. */
export class Tally {
  count = 0;
  private readonly awaited = new Map<number, () => void>();

  add(): void {
    this.count += 1;
    this.awaited.get(this.count)?.();
  }

  /** Resolves once it stands at `count`. One waits for each number at most. */
  reached(count: number): Promise<void> {
    if (this.count >= count) return Promise.resolve();
    return new Promise((resolve) => void this.awaited.set(count, resolve));
  }
}
