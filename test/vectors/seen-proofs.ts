import { expect, it } from 'vitest';
import vectors from './seen-proofs.json' with { type: 'json' };

const NOW = 1_795_400_000;

/** Whether a proof was shown for the first time; `refused` where another one would have to be forgotten for it. */
type Show = (proof: { thumbprint: string; id: string }, now: number) => 'first' | 'seen' | 'refused';

/** How long both sides remember a proof. `remember` gives an empty memory of that capacity. */
export function testSeenProofs(remember: (life: number, capacity: number) => Show): void {
  it.each(vectors.scenarios)('a proof is $name', ({ capacity, steps }) => {
    const show = remember(vectors.life, capacity);
    const outcomes = steps.map(({ at, key, id }) => show({ thumbprint: key, id }, NOW + at));
    expect(outcomes).toEqual(steps.map(({ outcome }) => outcome));
  });
}
