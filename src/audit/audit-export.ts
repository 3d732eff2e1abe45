import { AuditEventView } from './audit.view.js';
import type { AuditRow } from './audit-reader.js';

export const EXPORT_FORMATS = ['jsonl', 'csv'] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

/** A way to write events as text. */
interface Format {
  readonly type: string;
  /** What comes before the first event. */
  readonly head: string;
  line(event: AuditEventView): string;
}

const COLUMNS = [
  'seq',
  'id',
  'at',
  'event',
  'outcome',
  'reason',
  'actor',
  'subject',
  'client',
  'address',
  'request_id',
  'details',
] as const satisfies readonly (keyof AuditEventView)[];

/** Characters by which a spreadsheet takes a text for a formula (OWASP "CSV Injection"). */
const FORMULA = /^[=+\-@\t\r]/;

/** Returns a field of CSV (RFC 4180 2), which no spreadsheet executes. */
export function csvField(value: string | number | Date | object | null): string {
  if (value === null) return '';
  const text = textOf(value);
  const harmless = typeof value === 'string' && FORMULA.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}

function textOf(value: string | number | Date | object): string {
  if (value instanceof Date) return value.toISOString();
  return typeof value === 'object' ? JSON.stringify(value) : `${value}`;
}

export const FORMATS: Record<ExportFormat, Format> = {
  jsonl: { type: 'application/x-ndjson', head: '', line: (event) => `${JSON.stringify(event)}\n` },
  csv: {
    type: 'text/csv; charset=utf-8; header=present',
    head: `${COLUMNS.join(',')}\r\n`,
    line: (event) => `${COLUMNS.map((column) => csvField(event[column])).join(',')}\r\n`,
  },
};

/** Writes events page by page, as fast as they are read: one page is in memory at a time. */
export async function* exported(
  pages: AsyncIterable<AuditRow[]> | Iterable<AuditRow[]>,
  format: ExportFormat,
): AsyncGenerator<string> {
  const { head, line } = FORMATS[format];
  if (head) yield head;
  for await (const page of pages) if (page.length > 0) yield page.map((row) => line(AuditEventView.of(row))).join('');
}
