import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';
import { askCountersign } from './verdict.js';

const { COUNTERSIGN = 'http://localhost:3000', SERVICE = 'http://localhost:4000' } = process.env;

export default defineConfig({
  plugins: [react()],
  server: {
    proxy: {
      '/auth': COUNTERSIGN,
      '/api': { target: SERVICE, bypass: askCountersign },
    },
  },
});
