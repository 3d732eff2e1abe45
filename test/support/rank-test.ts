import { soon } from '../flows/service-process.js';
import type { Mailbox } from './mailbox.js';

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
  for (let n = 0; n < 10; n++) {
    await one(n);
    await other(n);
  }
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

let requests = 0;

/**
 * The time that the service takes for the answer to a POST, in milliseconds, as its log states it: a client in the same
 * process would measure as well what workers do after the answer. Waits for the end of that, so that the next request begins
 * with the service at rest.
 */
export async function answerTime(mailbox: Mailbox, path: string, body: object): Promise<number> {
  const { app } = mailbox;
  const id = `timed-request-${++requests}`;
  const { status } = await app.http.post(path, body, { headers: { 'x-request-id': id } });
  if (status !== 202) throw new Error(`${path}: ${status}`);
  const lineOf = () => app.logLines.find((line) => line.includes(`"${id}"`) && line.includes('"ms"'));
  if (!(await soon(() => lineOf() !== undefined))) throw new Error(`no line of ${id}`);
  const { ms } = JSON.parse(lineOf()!) as { ms: number };
  app.logLines.length = 0;
  await mailbox.isSettled();
  return ms;
}
