// Vitest runs a setup file again for each test file, but loads its imports only once.
import '../../src/errors.js';
import '../../src/settings.js';
import '../../src/audit-events.js';
