/** Where gateways ask for a verdict. */
export const VERDICT_PATH = '/gateway/verify';

const VERDICT_TARGET = /^\/gateway\/verify(?:[/?#]|$)/;

/** Whether a request target asks for a verdict: a gateway understands nothing but 200, 401 and 403, whatever is wrong. */
export const asksForVerdict = (target: string): boolean => VERDICT_TARGET.test(target);
