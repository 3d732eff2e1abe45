import { availableParallelism } from 'node:os';

// libuv's pool has four threads unless told otherwise before its first use: hashes alone would fill them, and name
// look-ups would wait behind hashes.
process.env.UV_THREADPOOL_SIZE ??= String(availableParallelism() + 4);
