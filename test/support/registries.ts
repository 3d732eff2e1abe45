// Vitest runs a setup file again for each test file, and what it imports only once.
import '../../src/errors.js';
import '../../src/settings.js';
import '../../src/audit-events.js';
