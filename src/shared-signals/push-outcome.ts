import type { HttpAnswer } from '../platform/http-client/ssrf-safe-http-client.js';

/** What an answer of a receiver means for the event that it was sent. */
export type PushOutcome = { outcome: 'accepted' } | { outcome: 'refused' | 'failed'; why: string };

/**
 * RFC 8935 2.2 to 2.4: 202 is done, and 200 as well, which many receivers answer instead; 400 with an error is an answer
 * that no retry changes; the rest is a failure.
 */
export function outcomeOf({ status, contentType, body }: HttpAnswer): PushOutcome {
  if (status === 202 || status === 200) return { outcome: 'accepted' };
  const err = status === 400 && /^application\/json\b/i.test(contentType) ? errOf(body) : null;
  return err === null ? { outcome: 'failed', why: `HTTP ${status}` } : { outcome: 'refused', why: err };
}

function errOf(body: string): string | null {
  try {
    const { err } = JSON.parse(body) as { err?: unknown };
    return typeof err === 'string' ? errorCode(err) : null;
  } catch {
    return null;
  }
}

/** A receiver's error code, fit for a log. */
export const errorCode = (err: unknown): string =>
  typeof err === 'string' && /^[\w.:/-]{1,100}$/.test(err) ? err : 'unreadable';
