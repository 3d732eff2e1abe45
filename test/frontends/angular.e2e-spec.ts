import { visitApp } from './support/visit.js';

visitApp('angular', (port) => ['ng', 'serve', '--port', String(port)]);
