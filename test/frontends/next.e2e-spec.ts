import { visitApp } from './support/visit.js';

visitApp('next', (port) => ['next', 'dev', '--port', String(port)]);
