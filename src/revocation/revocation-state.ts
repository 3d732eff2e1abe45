/** Which sessions have been revoked while tokens of theirs may be alive. Session ids in their short form. */
export class RevocationState {
  private readonly sessions = new Map<string, number>();

  /** `expiresAt` in seconds: when no token of the session can be alive any more. */
  add(session: string, expiresAt: number): void {
    this.sessions.set(session, Math.max(expiresAt, this.sessions.get(session) ?? 0));
  }

  has(session: string): boolean {
    return this.sessions.has(session);
  }

  /** Forgets what no living token can match. */
  prune(now: number): void {
    for (const [session, expiresAt] of this.sessions) if (expiresAt <= now) this.sessions.delete(session);
  }

  get size(): number {
    return this.sessions.size;
  }
}
