export { TokenError, VerifierUnavailableError, type TokenErrorCode } from './errors.js';
export type { VerifierEvent } from './events.js';
export type { VerifierOptions } from './options.js';
export type { Principal } from './principal.js';
export { createVerifier, type Verifier, type VerifierMetrics } from './verifier.js';
