import type { AuthorizationRequest } from './authorization-request.js';

/** The facts about the browser that the decision needs. */
export interface BrowserState {
  /** When the person in the browser has signed in; null where nobody is signed in. */
  readonly signedInAt: Date | null;
  /** When the person was first asked because of this request; null where nobody was asked yet. */
  readonly askedAt: Date | null;
  /** The scopes and audiences to which the person has consented before; null where there was no consent. */
  readonly consented: { readonly scopes: readonly string[]; readonly audiences: readonly string[] } | null;
  /** Whether the person has just consented to this request. */
  readonly consentsNow: boolean;
}

/** The facts about the client that the decision needs. */
export interface ClientTrust {
  readonly firstParty: boolean;
  readonly applicationType: 'web' | 'native';
}

/** An answer with a code, a question to the person, or a refusal. */
export type AuthorizationDecision =
  | { readonly kind: 'grant' }
  | { readonly kind: 'ask'; readonly step: 'sign_in' | 'consent' }
  | { readonly kind: 'refuse'; readonly code: 'login_required' | 'consent_required' };

/** Decides what follows from an authorization request, in the state of the browser that sent it. */
export function decideAuthorization(
  request: AuthorizationRequest,
  client: ClientTrust,
  state: BrowserState,
  now: number,
): AuthorizationDecision {
  const mayAsk = !request.prompts.includes('none');
  if (!isSignedIn(request, state, now)) {
    return mayAsk ? { kind: 'ask', step: 'sign_in' } : { kind: 'refuse', code: 'login_required' };
  }
  if (!state.consentsNow && needsConsent(request, client, state)) {
    return mayAsk ? { kind: 'ask', step: 'consent' } : { kind: 'refuse', code: 'consent_required' };
  }
  return { kind: 'grant' };
}

function isSignedIn({ prompts, maxAge }: AuthorizationRequest, state: BrowserState, now: number): boolean {
  const { signedInAt, askedAt } = state;
  if (signedInAt === null) return false;
  const isByThisRequest = askedAt !== null && signedInAt >= askedAt;
  if (isByThisRequest) return true;
  if (prompts.includes('login') || prompts.includes('select_account')) return false;
  // OpenID Connect Core 1.0 3.1.2.1.
  return maxAge === null || now - signedInAt.getTime() <= maxAge * 1000;
}

function needsConsent(
  { prompts, redirectUri, scopes, audiences }: AuthorizationRequest,
  { firstParty, applicationType }: ClientTrust,
  { consented }: BrowserState,
): boolean {
  if (prompts.includes('consent')) return true;
  // RFC 8252 8.6: another application on the device may have taken this address, and the id of the client.
  if (applicationType === 'native' && !redirectUri.startsWith('https:')) return true;
  if (firstParty) return false;
  if (!consented) return true;
  return (
    scopes.some((scope) => !consented.scopes.includes(scope)) ||
    audiences.some((audience) => !consented.audiences.includes(audience))
  );
}
