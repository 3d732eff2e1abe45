const FIRST_DELAY_MS = 1_000;

/**
 * Returns the milliseconds until the next attempt after so many failures in a row. `random` in [0, 1) spreads senders.
 */
export const retryDelay = (failures: number, random: number, longest: number): number =>
  Math.min(FIRST_DELAY_MS * 2 ** Math.min(failures - 1, 30), longest) * (0.5 + random / 2);
