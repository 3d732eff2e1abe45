/** What was found out about tokens, by the whole token. The least recently used is forgotten first. */
export class VerifiedTokens<Verified> {
  private readonly entries = new Map<string, Verified>();

  /** @param capacity - how many tokens are remembered at most */
  constructor(private readonly capacity: number) {}

  get size(): number {
    return this.entries.size;
  }

  get(token: string): Verified | undefined {
    const verified = this.entries.get(token);
    if (verified !== undefined) {
      // A Map is in the order of insertion: what was used last goes to the end.
      this.entries.delete(token);
      this.entries.set(token, verified);
    }
    return verified;
  }

  set(token: string, verified: Verified): void {
    this.entries.set(token, verified);
    if (this.entries.size > this.capacity) this.entries.delete(this.entries.keys().next().value!);
  }

  delete(token: string): void {
    this.entries.delete(token);
  }
}
