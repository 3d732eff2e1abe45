import type { Bench } from '../bench.js';
import type { Row } from '../results.js';
import { growth } from './growth.js';
import { isolation } from './isolation.js';
import { login } from './login.js';
import { propagation } from './propagation.js';
import { protectedGet } from './protected-get.js';
import { refresh } from './refresh.js';
import { registration } from './registration.js';
import { services } from './services.js';
import { startAndMemory } from './start-and-memory.js';
import { tokenSize } from './token-size.js';
import { verdict } from './verdict.js';

export type FigureName =
  | 'start'
  | 'token'
  | 'login'
  | 'me'
  | 'verdict'
  | 'services'
  | 'refresh'
  | 'register'
  | 'isolation'
  | 'growth'
  | 'revocation';

/** All figures, in the order in which they are measured. */
export const FIGURES: Record<FigureName, (bench: Bench) => Promise<Row[]>> = {
  start: startAndMemory,
  token: tokenSize,
  login,
  me: protectedGet,
  verdict,
  services,
  refresh,
  register: registration,
  isolation,
  growth,
  revocation: propagation,
};
