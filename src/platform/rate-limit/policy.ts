/**
 * The kind of thing that attempts are counted by. `address`: an e-mail address, in its canonical form. `network`: one
 * subscriber; `site`: the block of addresses that one organisation commonly has.
 */
export type Counted = 'address' | 'user' | 'network' | 'site' | 'device' | 'session';

/** A limit on how often something may be tried. */
export interface Policy {
  /** The name in the `RateLimit` headers. */
  readonly name: string;
  readonly counts: Counted;
  /** Attempts within the window. */
  readonly attempts: number;
  /** Seconds. */
  readonly window: number;
  /** The first wait and the longest, in seconds, where attempts run out. The wait doubles every time. */
  readonly growingWait?: { readonly first: number; readonly longest: number };
}

const declared: Policy[] = [];

/** Declares a policy, so that administrators can look at what it counts. */
export function policyOf(policy: Policy): Policy {
  declared.push(policy);
  return policy;
}

/** The declared policies that count by this kind of thing, in the order of their names. */
export const policiesFor = (counts: Counted): Policy[] =>
  declared.filter((policy) => policy.counts === counts).toSorted((a, b) => a.name.localeCompare(b.name));
