import { AppError } from '../common/errors.js';

/** The requirements of a gateway on a request, beyond an identity. */
export interface Requirements {
  /** The roles, all of which are required. */
  readonly roles: readonly string[];
  /** The scopes, all of which are required. */
  readonly scopes: readonly string[];
  /** The audiences, all of which are required. */
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

/** Parameters that make a verdict stricter. A client that adds one of them can only harm itself. */
const REQUIREMENTS: Record<string, (draft: Draft, value: string) => unknown> = {
  role: (draft, value) => draft.roles.push(textOf('role', value)),
  // RFC 6749 3.3: space-delimited.
  scope: (draft, value) => draft.scopes.push(...textOf('scope', value).split(/ +/)),
  aud: (draft, value) => draft.audiences.push(textOf('aud', value)),
};

/** Parameters that make a verdict milder, and therefore must not come from a client. */
const LENIENCIES: Record<string, (draft: Draft, value: string) => unknown> = {
  preflight: (draft, value) =>
    (draft.passesPreflights = value === 'allow' || fail('the one value of `preflight` is `allow`')),
  on_denied: (draft, value) =>
    (draft.redirects = value === 'redirect' || fail('the one value of `on_denied` is `redirect`')),
};

const KNOWN = { ...REQUIREMENTS, ...LENIENCIES };

const draft = (): Draft => ({ roles: [], scopes: [], audiences: [], passesPreflights: false, redirects: false });

/**
 * Reads the requirements of a gateway's own configuration. Throws `no_verdict` for everything unknown, because a
 * misspelt requirement must not be ignored. `for=` ends the requirements: some gateways append the client's URL there,
 * which is not read.
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

/** Returns the part of a query that the gateway has written, before the URL of its client. */
export const withoutClientUrl = (query: string): string => query.replace(/(^|&)for=.*$/s, '');

/**
 * Reads the requirements in a query that may be the client's own, which some gateways append to our path. They can only
 * deny, so they count; nothing else in that query does.
 */
export function addedRequirementsOf(query: string): Requirements {
  const requirements = draft();
  for (const [name, value] of new URLSearchParams(query)) {
    if (Object.hasOwn(REQUIREMENTS, name)) REQUIREMENTS[name]!(requirements, value);
  }
  return requirements;
}
