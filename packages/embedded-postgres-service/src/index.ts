export { EmbeddedPostgresError } from './embedded-error.js';
export { startEmbeddedPostgres, type EmbeddedPostgres, type EmbeddedPostgresOptions } from './embedded-postgres.js';
export { runningPostgresUrl } from './running-server.js';
