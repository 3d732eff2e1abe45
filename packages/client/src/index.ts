export { TokenError, VerifierUnavailableError, type TokenErrorCode } from './errors.js';
export type { VerifierEvent } from './events.js';
export type { PresentedProof } from './dpop/proof.js';
export type { VerifierOptions } from './options.js';
export type { Actor, Principal } from './principal.js';
export type { ProtectedResource, ResourceDescription } from './protected-resource.js';
export { TokenFault } from './token-fault.js';
export { createVerifier, type Verifier, type VerifierMetrics } from './verifier.js';
