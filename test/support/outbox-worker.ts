// A worker of the outbox as a process of its own. It reports its attempts, and never ends one with HOLD=1.
import './registries.js';
import { openOutbox, parcels } from './outbox.js';

const tell = (line: object): void => void process.stdout.write(`${JSON.stringify(line)}\n`);
const every = Number(process.env['HEAP_EVERY'] ?? 0);
let sent = 0;

const kind = parcels(async ({ id, attempts }) => {
  sent += 1;
  if (every === 0) tell({ id, attempts });
  else if (sent % every === 0) {
    globalThis.gc!();
    tell({ sent, heap: process.memoryUsage().heapUsed });
  }
  if (process.env['HOLD'] === '1') await new Promise(() => undefined);
});
await openOutbox(process.env['DATABASE_URL']!, kind);
