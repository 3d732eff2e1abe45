/** The path at which gateways ask for a verdict. */
export const VERDICT_PATH = '/gateway/verify';

const VERDICT_TARGET = /^\/gateway\/verify(?:[/?#]|$)/;

/**
 * Tells whether a request target asks for a verdict: then the answer must be 200, 401 or 403, because gateways
 * understand nothing else.
 */
export const asksForVerdict = (target: string): boolean => VERDICT_TARGET.test(target);
