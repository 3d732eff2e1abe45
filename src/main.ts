// Imported as a whole: importing a name that an old Node does not export would end the process before the first line
// runs.
import module from 'node:module';
import { fileURLToPath } from 'node:url';
import './platform/config/runtime.js';

// The cache lies beside the code, because a user who may write there decides what runs. Where nobody may write,
// everything is compiled at every start.
module.enableCompileCache(fileURLToPath(new URL('../dist/.compiled', import.meta.url)));

// Imported here, because static imports are loaded before the first line runs.
const { serve } = await import('./server.js');
await serve();
