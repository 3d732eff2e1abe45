import { afterEach, beforeEach, vi } from 'vitest';
import { TokenError, VerifierUnavailableError } from '../src/errors.js';
import type { VerifierEvent } from '../src/events.js';
import type { VerifierOptions } from '../src/options.js';
import { createVerifier, type Verifier } from '../src/verifier.js';
import { WireIssuer } from './wire-issuer.js';

/** The parts of a test: an issuer, and the events of its verifiers. */
export const stage = { issuer: undefined as unknown as WireIssuer, events: [] as VerifierEvent[] };

const made: Verifier[] = [];

/** Gives each test of the file a new issuer, and time that passes only when the test decides. */
export function setTheStage(): void {
  beforeEach(() => {
    vi.useFakeTimers({
      now: 1_795_400_000_000,
      toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date', 'performance'],
    });
    stage.issuer = new WireIssuer();
    stage.events = [];
  });
  afterEach(async () => {
    await Promise.all(made.splice(0).map((verifier) => verifier.close()));
    vi.useRealTimers();
  });
}

export function verifierOf(options: Partial<VerifierOptions> = {}): Verifier {
  const { issuer, fetch } = stage.issuer;
  const onEvent = (event: VerifierEvent) => stage.events.push(event);
  const verifier = createVerifier({ issuer, audience: 'api', fetch, onEvent, ...options });
  made.push(verifier);
  return verifier;
}

export async function readyVerifier(options: Partial<VerifierOptions> = {}): Promise<Verifier> {
  const verifier = verifierOf(options);
  await verifier.ready();
  return verifier;
}

/** Waits for everything that needs no time to pass. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
}

/** Lets so many seconds pass, a quarter of a second at a time; `each` is called every second. */
export async function pass(seconds: number, each?: () => void): Promise<void> {
  await settle();
  for (let quarter = 1; quarter <= seconds * 4; quarter++) {
    await vi.advanceTimersByTimeAsync(250);
    for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
    if (quarter % 4 === 0) each?.();
  }
  await settle();
}

/** Verifies a token, and returns `accepted`, the code of the refusal, or `unavailable`. */
export const judgement = (verifier: Verifier, token: string): Promise<string> =>
  verifier.verify(token).then(
    () => 'accepted',
    (error: unknown) => {
      if (error instanceof TokenError) return error.code;
      if (error instanceof VerifierUnavailableError) return 'unavailable';
      throw error;
    },
  );
