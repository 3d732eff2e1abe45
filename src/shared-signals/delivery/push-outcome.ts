import type { HttpAnswer } from '../../platform/http-client/ssrf-safe-http-client.js';

/** The meaning of a receiver's answer for the event that was sent. */
export type PushOutcome = { outcome: 'accepted' } | { outcome: 'refused' | 'failed'; why: string };

/**
 * Interprets an answer (RFC 8935 2.2 to 2.4): 202 is success, and so is 200, which many receivers send instead; 400
 * with an error is a refusal, which no retry changes; everything else is a failure.
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

/** Returns a receiver's error code in a form that is safe for a log. */
export const errorCode = (err: unknown): string =>
  typeof err === 'string' && /^[\w.:/-]{1,100}$/.test(err) ? err : 'unreadable';
