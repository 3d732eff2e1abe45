import { availableParallelism } from 'node:os';

// A thread of libuv's pool for every hash that may run, and one for name look-ups, which must not wait behind hashes. No
// more: every thread keeps the 19 MiB of its last hash.
process.env.UV_THREADPOOL_SIZE ??= String(availableParallelism() + 1);
