import { availableParallelism } from 'node:os';
import { setFlagsFromString } from 'node:v8';

/** How the process itself is set up. Imported before everything else, since neither can be changed later. */

// A thread of libuv's pool for every hash that may run, and one for name look-ups, which must not wait behind hashes. No
// more: every thread keeps the 19 MiB of its last hash.
process.env.UV_THREADPOOL_SIZE ??= String(availableParallelism() + 1);

// The young generation grows to 2 x 16 MiB by default, which an idle service never gives back; see docs/performance.md.
setFlagsFromString('--max-semi-space-size=8');
