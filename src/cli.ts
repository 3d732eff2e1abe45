#!/usr/bin/env node
import './platform/config/runtime.js';

// Imported here, because static imports are loaded before an old Node has been refused.
const { main } = await import('./command-line.js');
process.exitCode = await main(process.argv.slice(2));
