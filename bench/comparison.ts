import { median, progress } from './results.js';

/** The results of several measurements in one round. */
type Round<Answers extends unknown[]> = { [Index in keyof Answers]: () => Promise<Answers[Index]> };

/**
 * Measures several things in turns, A B C, B C A, …, so that other work on the machine slows all of them alike.
 * @returns their results, round by round
 */
export async function takeTurns<Answers extends unknown[]>(
  rounds: number,
  ...measurements: Round<Answers>
): Promise<Answers[]> {
  const answers: Answers[] = [];
  for (let round = 0; round < rounds; round++) {
    progress(`  round ${round + 1} of ${rounds}`);
    const answered = [] as unknown as Answers;
    for (let turn = 0; turn < measurements.length; turn++) {
      const index = (round + turn) % measurements.length;
      answered[index] = await measurements[index]!();
    }
    answers.push(answered);
  }
  return answers;
}

/** Returns the median of a value over all rounds. */
export const overRounds = <Answers>(rounds: Answers[], of: (round: Answers) => number): number =>
  median(rounds.map(of));
