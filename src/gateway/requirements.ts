import { AppError } from '../common/errors.js';

/** What a gateway demands of a request, beyond an identity. */
export interface Requirements {
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
 * Reads the requirements of a gateway's own configuration. Throws `no_verdict` for everything unknown, since a requirement
 * that is misspelt must not be a requirement that is dropped. `for=` ends the requirements: what some gateways
 * append there is the client's URL, and is not read.
 */
export function requirementsOf(query: string): Requirements {
  return requirementsIn(new URLSearchParams(withoutClientUrl(query)));
}

/**
 * Reads the requirements of Envoy's configuration in `context_extensions`, where a name occurs once: several roles, scopes
 * or audiences are separated by spaces. Throws like {@link requirementsOf}.
 */
export function requirementsOfExtensions(extensions: Record<string, string>): Requirements {
  return requirementsIn(
    Object.entries(extensions).flatMap(([name, values]) => values.split(/ +/).map((value) => [name, value] as const)),
  );
}

function requirementsIn(parameters: Iterable<readonly [string, string]>): Requirements {
  const requirements = draft();
  for (const [name, value] of parameters) {
    if (!Object.hasOwn(KNOWN, name)) fail(`there is no parameter \`${name.slice(0, 40)}\``);
    KNOWN[name]!(requirements, value);
  }
  return requirements;
}

/** The part of a query that the gateway has written, before the URL of its client. */
export const withoutClientUrl = (query: string): string => query.replace(/(^|&)for=.*$/s, '');

/**
 * Reads the requirements in a query that may be the client's own, which some gateways append to our path. They can only
 * deny, so they count; nothing else of that query does.
 */
export function addedRequirementsOf(query: string): Requirements {
  const requirements = draft();
  for (const [name, value] of new URLSearchParams(query)) {
    if (Object.hasOwn(REQUIREMENTS, name)) REQUIREMENTS[name]!(requirements, value);
  }
  return requirements;
}
