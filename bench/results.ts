/** One figure beside its budget. */
export interface Row {
  /** The name of the figure, with its unit. */
  readonly figure: string;
  readonly measured: number;
  /** The limit of this machine, measured in the same minutes. */
  readonly limit?: { readonly what: string; readonly measured: number };
  /** The ratio of `measured` to `limit`, where it has a meaning. */
  readonly ratio?: number;
  readonly budget?: { readonly text: string; readonly met: boolean };
  /** The share of a core that other processes used meanwhile, 0 to 1. */
  readonly foreign?: number;
}

export const progress = (text: string): void => void process.stderr.write(`bench: ${text}\n`);

export function median(values: number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

const COLUMNS = ['figure', 'measured', 'physical limit', 'ratio', 'budget', 'verdict', 'foreign'];

export function asTable(rows: Row[], quick: boolean): string {
  const cells = [COLUMNS, ...rows.map(cellsOf)];
  const widths = COLUMNS.map((_, column) => Math.max(...cells.map((row) => row[column]!.length)));
  const lines = cells.map((row) => `| ${row.map((cell, column) => cell.padEnd(widths[column]!)).join(' | ')} |`);
  lines.splice(1, 0, `|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`);
  const missed = rows.filter(({ budget }) => budget && !budget.met).length;
  const kept = rows.filter(({ budget }) => budget?.met).length;
  const warning = quick ? ' Quick runs are a smoke test: do not quote them.' : '';
  return `${lines.join('\n')}\n\n${kept} budgets met, ${missed} missed.${warning}\n`;
}

function cellsOf({ figure, measured, limit, ratio, budget, foreign }: Row): string[] {
  return [
    figure,
    readable(measured),
    limit ? `${readable(limit.measured)} ${limit.what}` : '',
    ratio === undefined ? '' : ratio.toFixed(2),
    budget?.text ?? '',
    budget ? (budget.met ? 'met' : 'MISSED') : '',
    foreign === undefined ? '' : `${Math.round(foreign * 100)} %`,
  ];
}

/** Rounds to three significant digits, or to a whole number. */
const readable = (value: number): string =>
  Math.abs(value) >= 100 ? Math.round(value).toLocaleString('en') : String(Number(value.toPrecision(3)));
