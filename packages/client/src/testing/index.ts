export type { TestToken } from './access-token.js';
export { createTestIssuer, TestIssuer, type TestIssuerOptions } from './test-issuer.js';
