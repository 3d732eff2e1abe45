import type { ParseArgsOptionsConfig } from 'node:util';

/** The values of a command's options by name, as `util.parseArgs` returns them. */
export type Options = Readonly<Record<string, string | boolean | undefined>>;

/** One command of the command line. */
export interface Command {
  /** The words to type, e.g. `keys rotate`. */
  readonly name: string;
  /** One line for the list of commands. */
  readonly summary: string;
  /** The options, each with a line for `--help`. */
  readonly options?: Readonly<Record<string, ParseArgsOptionsConfig[string] & { help: string }>>;
  /**
   * Does the work, and returns the exit code: 0 for success. Throws a `CommandFault` for a mistake that the caller can
   * correct.
   */
  run(options: Options): Promise<number>;
}

/** Tells the caller of a command what to do differently. */
export class CommandFault extends Error {
  override readonly name = 'CommandFault';
}

export const say = (line: string): void => void process.stdout.write(`${line}\n`);

/** Writes a line of progress to standard error, apart from the results, which a script may read. */
export const tell = (line: string): void => void process.stderr.write(`${line}\n`);
