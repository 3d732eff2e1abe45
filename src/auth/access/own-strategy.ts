import type { Strategy } from 'passport';

/**
 * Options that make `AuthGuard()` ask this very strategy. By a name it asks Passport's registry, which is one for the
 * whole process: of two applications the one that was started last would answer for both.
 */
export const askingStrategy = (strategy: Strategy): { readonly defaultStrategy: Strategy } => ({
  // Passport writes the outcome of a request onto the strategy that it is handed: each request gets one of its own.
  get defaultStrategy() {
    return Object.create(strategy) as Strategy;
  },
});
