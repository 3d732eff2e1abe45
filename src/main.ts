import './platform/config/runtime.js';

// Only now: what is imported statically is loaded before the first line runs.
const { serve } = await import('./server.js');
await serve();
