import type { TokenErrorCode } from './errors.js';
import type { TokenFault } from './token-fault.js';

/** An event inside a verifier, for logs and metrics. It contains nothing secret. */
export type VerifierEvent =
  | { readonly type: 'keys_refreshed'; readonly kids: readonly string[] }
  | { readonly type: 'keys_failed'; readonly error: Error }
  | { readonly type: 'feed_connected'; readonly seq: number }
  | { readonly type: 'feed_lost'; readonly error: Error }
  /** Revocations were applied up to `seq`, at most `lagSeconds` after the issuer sent them. */
  | { readonly type: 'feed_applied'; readonly seq: number; readonly lagSeconds: number }
  | { readonly type: 'poll_failed'; readonly error: Error }
  /**
   * The issuer publishes another name than the option `issuer`, so its tokens will be refused. Emitted once, at the
   * start.
   */
  | { readonly type: 'issuer_differs'; readonly expected: string; readonly found: string }
  /**
   * A token was refused. Each check emits its first refusal at once, then one event a minute at most; `times` counts
   * the refusals since the last event. `fault` has the expected and the found value; null where the code tells
   * everything.
   */
  | {
      readonly type: 'token_refused';
      readonly code: TokenErrorCode;
      readonly fault: TokenFault | null;
      readonly times: number;
    };

/** Emits an event. A listener that throws has no effect. */
export type Emit = (event: VerifierEvent) => void;

export const errorOf = (thrown: unknown): Error => (thrown instanceof Error ? thrown : new Error(String(thrown)));

/** An answer of the issuer that is not the expected one. */
export class UnexpectedAnswer extends Error {
  constructor(
    url: string,
    readonly status: number,
  ) {
    super(`${url} answered ${status}`);
  }
}

/** The checks that also fail where a service is configured wrongly, and not only for a bad token. */
const OF_SETTINGS = new Set(['iss', 'aud', 'typ', 'iat']);

/** Returns the fault in the settings of the service that an event shows; null for every other event. */
function complaintOf(event: VerifierEvent): [subject: string, message: string] | null {
  switch (event.type) {
    case 'issuer_differs':
      return ['issuer', `The option issuer is ${event.expected}, but the issuer publishes ${event.found}.`];
    case 'keys_failed':
      return [
        'keys',
        `The keys of the issuer cannot be fetched: ${reasonIn(event.error)}. Is the option jwksUri right?`,
      ];
    case 'feed_lost':
    case 'poll_failed': {
      const isRefused = event.error instanceof UnexpectedAnswer && event.error.status < 500;
      return isRefused
        ? [
            'feed',
            `The revocation feed is refused: ${event.error.message}. Are streamUri, snapshotUri and feedToken right?`,
          ]
        : null;
    }
    case 'token_refused':
      return event.fault && OF_SETTINGS.has(event.fault.check)
        ? [event.fault.check, `A token was refused by ${event.fault.message}.`]
        : null;
    default:
      return null;
  }
}

/** Returns the reason of an error. `fetch` has it only in its cause. */
export function reasonIn({ message, cause }: Error): string {
  if (!(cause instanceof Error)) return message;
  return `${message} (${cause.message || String((cause as Error & { code?: unknown }).code)})`;
}

/**
 * Returns a function that passes events to `onEvent`. Without `onEvent` each probable mistake in the settings becomes a
 * warning of the process, once.
 */
export function emitterFor(onEvent: Emit | undefined): Emit {
  const complained = new Set<string>();
  return (event) => {
    try {
      if (onEvent) return onEvent(event);
      const [subject, message] = complaintOf(event) ?? [];
      if (subject === undefined || complained.has(subject)) return;
      complained.add(subject);
      process.emitWarning(`${message} The option onEvent hears more.`, 'CountersignWarning');
    } catch {
      // A listener that throws must not affect the verification.
    }
  };
}
