import { pathToFileURL } from 'node:url';
import type { EmbeddedPostgres } from '../src/index.js';

/** The orders of a test to the program below, as JSON in its first argument. */
export interface Orders {
  /** The file that exports `startEmbeddedPostgres`. */
  readonly launcher: string;
  readonly dataDirectory: string;
  readonly settings?: Record<string, string>;
  /** The user to change to first, from root. */
  readonly uid?: number;
}

/** The reports of the program, one JSON object a line. */
export type Report =
  | {
      readonly event: 'ready';
      readonly url: string;
      readonly version: string;
      readonly pid: number;
      readonly took: number;
    }
  | { readonly event: 'failed'; readonly name: string; readonly message: string }
  | { readonly event: 'exit'; readonly code: number | null }
  | { readonly event: 'log'; readonly line: string }
  | { readonly event: 'stopped' };

/** Runs a service that only keeps its embedded database, until SIGTERM. It ignores SIGINT, as while it drains. */
async function serve({ launcher, dataDirectory, settings, uid }: Orders): Promise<void> {
  process.on('SIGINT', () => undefined);
  if (uid !== undefined) {
    process.setgroups!([]);
    process.setgid!(uid);
    process.setuid!(uid);
  }
  const { startEmbeddedPostgres } = (await import(pathToFileURL(launcher).href)) as typeof import('../src/index.js');
  const began = performance.now();
  const log = (line: string): void => report({ event: 'log', line });
  const postgres = await startEmbeddedPostgres({
    dataDirectory,
    database: 'countersign',
    role: 'countersign',
    settings,
    log,
  });
  const { url, version, pid } = postgres;
  postgres.onExit((code) => report({ event: 'exit', code }));
  process.once('SIGTERM', () => void stop(postgres));
  report({ event: 'ready', url, version, pid, took: performance.now() - began });
}

async function stop(postgres: EmbeddedPostgres): Promise<void> {
  await postgres.stop();
  report({ event: 'stopped' });
}

function report(message: Report): void {
  process.stdout.write(`${JSON.stringify(message)}\n`);
}

serve(JSON.parse(process.argv[2]!) as Orders).catch((error: Error) => {
  report({ event: 'failed', name: error.name, message: error.message });
  process.exitCode = 1;
});
