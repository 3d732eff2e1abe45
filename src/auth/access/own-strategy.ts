import type { Strategy } from 'passport';

/**
 * Returns options that make `AuthGuard()` use this strategy object. By a name it would use Passport's registry, which
 * the whole process shares: of two applications in a process, the one that started last would decide for both.
 */
export const askingStrategy = (strategy: Strategy): { readonly defaultStrategy: Strategy } => ({
  // Passport writes the result of a request onto the strategy object, so each request gets one of its own.
  get defaultStrategy() {
    return Object.create(strategy) as Strategy;
  },
});
