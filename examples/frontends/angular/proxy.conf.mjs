import { askCountersign } from './verdict.mjs';

const { COUNTERSIGN = 'http://localhost:3000', SERVICE = 'http://localhost:4000' } = process.env;

export default {
  '/auth': { target: COUNTERSIGN },
  '/api': { target: SERVICE, bypass: askCountersign },
};
