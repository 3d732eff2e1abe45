import type { Environment } from '../../src/platform/config/config.js';

/** Returns the environment of a test: cheap hashes, no log, and no variables of the machine's own environment. */
export function testEnvironment(overrides: Environment = {}): Environment {
  return {
    NODE_ENV: 'test',
    PORT: '0',
    PUBLIC_URL: 'http://localhost:3000',
    SECRET_KEY: 'q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA5Tm2Lx0cWdw==',
    PASSWORD_HASH_MEMORY_KIB: '7168',
    PASSWORD_HASH_PASSES: '1',
    // No login is refused because the machine is busy.
    PASSWORD_HASH_DEADLINE: '60s',
    LOG_LEVEL: 'silent',
    DATA_DIR: '.data/test',
    ...overrides,
  };
}
