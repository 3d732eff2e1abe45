import { ChangeContext } from '../../src/platform/context/change-context.js';

/** The context of a change that a test makes without a request. */
export const BY_TEST = ChangeContext.ofSystem('command_line');
