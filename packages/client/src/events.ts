import type { TokenErrorCode } from './errors.js';
import type { TokenFault } from './token-fault.js';

/** What happens inside a verifier, for logs and metrics. Nothing in it is secret. */
export type VerifierEvent =
  | { readonly type: 'keys_refreshed'; readonly kids: readonly string[] }
  | { readonly type: 'keys_failed'; readonly error: Error }
  | { readonly type: 'feed_connected'; readonly seq: number }
  | { readonly type: 'feed_lost'; readonly error: Error }
  /** Revocations have been applied up to `seq`; `lagSeconds` after the issuer said so, at most. */
  | { readonly type: 'feed_applied'; readonly seq: number; readonly lagSeconds: number }
  | { readonly type: 'poll_failed'; readonly error: Error }
  /** The issuer publishes another name than the option `issuer`, so its tokens will be refused. Told once, at the start. */
  | { readonly type: 'issuer_differs'; readonly expected: string; readonly found: string }
  /**
   * A token was refused. Each check is told of at once, and then once a minute at most; `times` counts the refusals since.
   * `fault` says what was expected and found; null where the code says everything.
   */
  | {
      readonly type: 'token_refused';
      readonly code: TokenErrorCode;
      readonly fault: TokenFault | null;
      readonly times: number;
    };

/** Tells somebody who may not listen well. */
export type Emit = (event: VerifierEvent) => void;

export const errorOf = (thrown: unknown): Error => (thrown instanceof Error ? thrown : new Error(String(thrown)));

/** An answer of the issuer that is not the one that was asked for. */
export class UnexpectedAnswer extends Error {
  constructor(
    url: string,
    readonly status: number,
  ) {
    super(`${url} answered ${status}`);
  }
}

/** The checks that fail where a service is set up wrong, and not only where a token is bad. */
const OF_SETTINGS = new Set(['iss', 'aud', 'typ', 'iat']);

/** What is wrong with the settings of the service, as far as an event shows it; null for every other event. */
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

/** `fetch` says why only in its cause. */
export function reasonIn({ message, cause }: Error): string {
  if (!(cause instanceof Error)) return message;
  return `${message} (${cause.message || String((cause as Error & { code?: unknown }).code)})`;
}

/** Passes events to `onEvent`. Where nobody listens, each thing that looks like a mistake in the settings is a warning of the process, once. */
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
      // A listener that throws must not decide whether tokens are verified.
    }
  };
}
