// As a whole, since a name that an old Node does not export would end the process before the first line runs.
import module from 'node:module';
import { fileURLToPath } from 'node:url';
import './platform/config/runtime.js';

// Beside the code, since a user who may write there decides what runs. Where nobody may, all is compiled at every start.
module.enableCompileCache(fileURLToPath(new URL('../dist/.compiled', import.meta.url)));

// Only now: what is imported statically is loaded before the first line runs.
const { serve } = await import('./server.js');
await serve();
