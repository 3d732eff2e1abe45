import { availableParallelism, freemem } from 'node:os';
import type { Reporter, Vitest } from 'vitest/node';

const GIB = 2 ** 30;
/** What a worker takes, with its share of the database. */
const MEMORY_OF_WORKER = 0.75 * GIB;
/** As many as the connections of the database suffice for. */
const MOST_WORKERS = 8;

/** Two for each core, since many tests wait far more than they work, and no more than there is memory for. */
export const workers = Math.max(
  1,
  Math.min(2 * availableParallelism(), Math.floor(freemem() / MEMORY_OF_WORKER), MOST_WORKERS),
);

/** Says at the start how the run fits the machine, and counts the files that are done. */
export class RunReporter implements Reporter {
  private vitest: Vitest | undefined;
  private files = 0;
  private done = 0;

  onInit(vitest: Vitest): void {
    this.vitest = vitest;
  }

  onTestRunStart(files: readonly unknown[]): void {
    this.files = files.length;
    const machine = `${availableParallelism()} cores, ${(freemem() / GIB).toFixed(1)} GiB of free memory`;
    this.vitest?.logger.log(`${this.files} files, ${this.vitest.config.maxWorkers} at a time (${machine})\n`);
  }

  onTestModuleEnd(): void {
    this.done += 1;
    if (this.done % 20 === 0) this.vitest?.logger.log(`   ${this.done} of ${this.files} files\n`);
  }
}
