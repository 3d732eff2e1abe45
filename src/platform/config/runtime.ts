import { availableParallelism } from 'node:os';
import { setFlagsFromString } from 'node:v8';

/** How the process itself is set up. Imported before everything else, since neither can be changed later. */

// libuv's pool has four threads unless told otherwise before its first use: hashes alone would fill them, and name
// look-ups would wait behind hashes.
process.env.UV_THREADPOOL_SIZE ??= String(availableParallelism() + 4);

// The young generation grows to 2 x 16 MiB by default, which an idle service never gives back; see docs/performance.md.
setFlagsFromString('--max-semi-space-size=8');
