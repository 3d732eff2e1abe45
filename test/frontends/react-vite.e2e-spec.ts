import { visitApp } from './support/visit.js';

visitApp('react-vite', (port) => ['vite', '--port', String(port), '--strictPort']);
