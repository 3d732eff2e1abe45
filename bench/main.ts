import { parseArgs } from 'node:util';
import { Bench } from './bench.js';
import { FIGURES, type FigureName } from './figures/figures.js';
import { FULL, QUICK } from './plan.js';
import { pinSelf } from './processes.js';
import { asTable, progress, type Row } from './results.js';

const USAGE = `npm run bench -- [--only login,me] [--quick] [--json]
  --only   some of: ${Object.keys(FIGURES).join(', ')}
  --quick  a smoke test of a minute; its figures mean little
  --json   the results as JSON instead of a table`;

const LONGEST_RUN_MS = 40 * 60_000;

/** Measures the built service against the budgets of the project and prints the results. */
export async function main(args: string[]): Promise<void> {
  const { only, quick, json } = optionsOf(args);
  const deadline = setTimeout(() => {
    progress('The bench has taken too long and gives up.');
    process.exit(1);
  }, LONGEST_RUN_MS);
  pinSelf();
  const bench = await Bench.start(quick ? QUICK : FULL);
  const rows: Row[] = [];
  try {
    for (const name of only) {
      progress(`${name} …`);
      rows.push(...(await FIGURES[name](bench)));
    }
  } finally {
    await bench.stop();
    clearTimeout(deadline);
  }
  process.stdout.write(json ? `${JSON.stringify(rows, null, 2)}\n` : asTable(rows, quick));
}

/** @throws Error with the usage */
function optionsOf(args: string[]): { only: FigureName[]; quick: boolean; json: boolean } {
  try {
    const { values } = parseArgs({
      args,
      options: { only: { type: 'string' }, quick: { type: 'boolean' }, json: { type: 'boolean' } },
    });
    const only = values.only?.split(',') ?? Object.keys(FIGURES);
    for (const name of only) if (!Object.hasOwn(FIGURES, name)) throw new Error(`There is no figure "${name}".`);
    return { only: only as FigureName[], quick: values.quick ?? false, json: values.json ?? false };
  } catch (cause) {
    throw new Error(`${(cause as Error).message}\n\n${USAGE}`, { cause });
  }
}
