export { CurrentPrincipal, Public, Roles, Scopes } from './access.decorators.js';
export { CountersignGuard, VERIFIER } from './countersign.guard.js';
export { COUNTERSIGN_OPTIONS, CountersignModule, type CountersignModuleOptions } from './countersign.module.js';
