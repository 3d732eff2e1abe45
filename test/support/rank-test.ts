/** Beyond this many standard deviations: by chance in one of some 10,000 runs. */
const DISTINCT = 4;

/**
 * Whether two requests can be told apart by their times: Wilcoxon's signed-rank test over pairs, which are measured one
 * after the other, in turns. It compares ranks, so that a machine that pauses now and then changes nothing.
 */
export async function tellsApart(
  one: (n: number) => Promise<number>,
  other: (n: number) => Promise<number>,
  pairs: number,
): Promise<boolean> {
  for (let n = 0; n < 10; n++) await Promise.all([one(n), other(n)]);
  const differences: number[] = [];
  for (let n = 0; n < pairs; n++) {
    if (n % 2 === 0) {
      const time = await one(n);
      differences.push(time - (await other(n)));
    } else {
      const time = await other(n);
      differences.push((await one(n)) - time);
    }
  }
  return Math.abs(deviationOf(differences)) > DISTINCT;
}

/** How many standard deviations the sum of the ranks is away from what chance makes of it. */
export function deviationOf(differences: readonly number[]): number {
  const ranked = differences.filter((difference) => difference !== 0).sort((a, b) => Math.abs(a) - Math.abs(b));
  const n = ranked.length;
  const sum = ranked.reduce((total, difference, index) => total + Math.sign(difference) * (index + 1), 0);
  return sum / Math.sqrt((n * (n + 1) * (2 * n + 1)) / 6);
}
