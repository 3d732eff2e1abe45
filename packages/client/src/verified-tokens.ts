/**
 * Caches results about tokens, by the whole token. There are two generations: a used entry moves to the young one, and
 * when that is full, the old one is dropped as a whole. So at least the more recently used half of the capacity is
 * kept, and a use never costs more than two look-ups.
 */
export class VerifiedTokens<Verified> {
  private young = new Map<string, Verified>();
  private old = new Map<string, Verified>();
  private readonly generation: number;

  /** @param capacity - how many tokens are remembered at most */
  constructor(capacity: number) {
    this.generation = Math.max(1, Math.floor(capacity / 2));
  }

  get size(): number {
    return this.young.size + this.old.size;
  }

  get(token: string): Verified | undefined {
    const verified = this.young.get(token);
    if (verified !== undefined) return verified;
    const aged = this.old.get(token);
    if (aged !== undefined) this.set(token, aged);
    return aged;
  }

  set(token: string, verified: Verified): void {
    this.old.delete(token);
    if (this.young.size >= this.generation && !this.young.has(token)) {
      this.old = this.young;
      this.young = new Map();
    }
    this.young.set(token, verified);
  }

  delete(token: string): void {
    this.young.delete(token);
    this.old.delete(token);
  }
}
