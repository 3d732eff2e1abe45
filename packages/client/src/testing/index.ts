export type { TestToken } from './access-token.js';
export type { ClientKey, TestProof } from './client-key.js';
export { createTestIssuer, TestIssuer, type TestIssuerOptions } from './test-issuer.js';
