import { AppError } from '../common/errors.js';

/** What a gateway asks of a request, beyond an identity. */
export interface Question {
  /** All of these roles. */
  readonly roles: readonly string[];
  /** All of these scopes. */
  readonly scopes: readonly string[];
  /** All of these audiences. */
  readonly audiences: readonly string[];
  /** Whether CORS preflights pass without an identity. */
  readonly passesPreflights: boolean;
  /** Whether browsers without an identity are sent to the sign-in page. */
  readonly redirects: boolean;
}

type Draft = { roles: string[]; scopes: string[]; audiences: string[]; passesPreflights: boolean; redirects: boolean };

const fail = (detail: string): never => {
  throw new AppError('no_verdict', { detail });
};

const textOf = (name: string, value: string): string => value.trim() || fail(`\`${name}\` is empty`);

/** What makes a verdict stricter. A client that adds one of these denies itself. */
const REQUIREMENTS: Record<string, (draft: Draft, value: string) => unknown> = {
  role: (draft, value) => draft.roles.push(textOf('role', value)),
  // RFC 6749 3.3: space-delimited.
  scope: (draft, value) => draft.scopes.push(...textOf('scope', value).split(/ +/)),
  aud: (draft, value) => draft.audiences.push(textOf('aud', value)),
};

/** What makes a verdict milder, and therefore must not come from a client. */
const LENIENCIES: Record<string, (draft: Draft, value: string) => unknown> = {
  preflight: (draft, value) =>
    (draft.passesPreflights = value === 'allow' || fail('the one value of `preflight` is `allow`')),
  on_denied: (draft, value) =>
    (draft.redirects = value === 'redirect' || fail('the one value of `on_denied` is `redirect`')),
};

const KNOWN = { ...REQUIREMENTS, ...LENIENCIES };

const draft = (): Draft => ({ roles: [], scopes: [], audiences: [], passesPreflights: false, redirects: false });

/**
 * The question that a gateway's own configuration asks. Throws `no_verdict` for everything unknown, since a requirement
 * that is misspelt must not be a requirement that is dropped. `for=` ends the question: what some gateways
 * append there is the client's URL, and is not read.
 */
export function questionOf(query: string): Question {
  return questionIn(new URLSearchParams(withoutClientUrl(query)));
}

/**
 * The question that Envoy's configuration asks in `context_extensions`, where a name stands once: several roles, scopes
 * or audiences are parted by spaces. Throws like {@link questionOf}.
 */
export function questionOfExtensions(extensions: Record<string, string>): Question {
  return questionIn(
    Object.entries(extensions).flatMap(([name, values]) => values.split(/ +/).map((value) => [name, value] as const)),
  );
}

function questionIn(parameters: Iterable<readonly [string, string]>): Question {
  const question = draft();
  for (const [name, value] of parameters) {
    if (!Object.hasOwn(KNOWN, name)) fail(`there is no parameter \`${name.slice(0, 40)}\``);
    KNOWN[name]!(question, value);
  }
  return question;
}

/** The part of a query that the gateway has written, before the URL of its client. */
export const withoutClientUrl = (query: string): string => query.replace(/(^|&)for=.*$/s, '');

/**
 * The question in a query that may be the client's own, which some gateways append to our path. Requirements count,
 * since they can only deny; nothing else does.
 */
export function requirementsOf(query: string): Question {
  const question = draft();
  for (const [name, value] of new URLSearchParams(query)) {
    if (Object.hasOwn(REQUIREMENTS, name)) REQUIREMENTS[name]!(question, value);
  }
  return question;
}
