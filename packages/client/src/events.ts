/** What happens inside a verifier, for logs and metrics. Nothing in it is secret. */
export type VerifierEvent =
  | { readonly type: 'keys_refreshed'; readonly kids: readonly string[] }
  | { readonly type: 'keys_failed'; readonly error: Error }
  | { readonly type: 'feed_connected'; readonly seq: number }
  | { readonly type: 'feed_lost'; readonly error: Error }
  /** Revocations have been applied up to `seq`; `lagSeconds` after the issuer said so, at most. */
  | { readonly type: 'feed_applied'; readonly seq: number; readonly lagSeconds: number }
  | { readonly type: 'poll_failed'; readonly error: Error };

/** Tells somebody who may not listen well. */
export type Emit = (event: VerifierEvent) => void;

export const errorOf = (thrown: unknown): Error => (thrown instanceof Error ? thrown : new Error(String(thrown)));
