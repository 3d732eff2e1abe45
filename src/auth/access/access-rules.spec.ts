import { describe, expect, it } from 'vitest';
import { AppError } from '../../common/errors.js';
import type { Principal } from '../../common/principal.js';
import { dependsOnRoles, requireAccess, type AccessRequirements } from './access-rules.js';

const principal = (changes: Partial<Principal> = {}): Principal => ({
  subject: 'alice',
  session: 'AZnzoFwefDqfZC9vPB2Leg',
  client: 'web',
  audiences: ['api'],
  roles: ['user'],
  scopes: [],
  email: null,
  actor: null,
  keyThumbprint: null,
  tokenId: 't1',
  issuedAt: 0,
  expiresAt: 600,
  ...changes,
});
const PERSON = principal();
const SERVICE = principal({ subject: 'billing', client: 'billing', session: null, scopes: ['users:read'] });
const ACTING = principal({ client: 'billing', scopes: ['users:read'], actor: { subject: 'billing', actor: null } });
/** The principal of a personal access token: a user without a device. */
const PERSONAL = principal({ session: null, scopes: ['users:read'] });

const route = (changes: Partial<AccessRequirements> = {}): AccessRequirements => ({
  isPublic: false,
  roles: undefined,
  scopes: undefined,
  forItself: false,
  recentSignIn: false,
  ...changes,
});

const refusalOf = (caller: Principal, requirements: AccessRequirements, roles = caller.roles): AppError | null => {
  try {
    expect(requireAccess(caller, roles, requirements)).toBe(true);
    return null;
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    expect(error.code).toBe('forbidden');
    return error;
  }
};
const isAdmitted = (...given: Parameters<typeof refusalOf>) => refusalOf(...given) === null;

const EVERYONE = { person: PERSON, service: SERVICE, acting: ACTING, personal: PERSONAL };
const admittedTo = (requirements: AccessRequirements) =>
  Object.entries(EVERYONE)
    .filter(([, caller]) => isAdmitted(caller, requirements))
    .map(([name]) => name);

describe('a route', () => {
  it.each<[string, Partial<AccessRequirements>, string[]]>([
    ['that asks for nothing', {}, ['person']],
    ['for any scope', { scopes: [] }, ['person', 'service', 'acting', 'personal']],
    ['for a scope that they have', { scopes: ['users:read'] }, ['person', 'service', 'acting', 'personal']],
    ['for one of two scopes', { scopes: ['users:write', 'users:read'] }, ['person', 'service', 'acting', 'personal']],
    ['for another scope', { scopes: ['users:write'] }, ['person']],
    ['for services themselves', { scopes: ['users:read'], forItself: true }, ['person', 'service']],
    ['for services themselves, with any scope', { scopes: [], forItself: true }, ['person', 'service']],
    ['for a role that a person has', { roles: ['user'] }, ['person']],
    ['for another role', { roles: ['admin'] }, []],
    ['for another role, or a scope', { roles: ['admin'], scopes: ['users:read'] }, ['service', 'acting', 'personal']],
    ['for another role, or services themselves', { roles: ['admin'], scopes: [], forItself: true }, ['service']],
    ['for one of no roles', { roles: [] }, []],
    ['for services themselves without a scope', { forItself: true }, ['person']],
  ])('%s admits these', (_, requirements, admitted) => {
    expect(admittedTo(route(requirements))).toEqual(admitted);
  });

  it('takes the roles that it is given, whatever the token states', () => {
    const admins = route({ roles: ['admin'] });
    expect(isAdmitted(PERSON, admins, ['admin'])).toBe(true);
    expect(isAdmitted(principal({ roles: ['admin'] }), admins, [])).toBe(false);
  });

  it('gives a service nothing for the roles of the user whom it acts for', () => {
    const admins = route({ roles: ['admin'] });
    for (const caller of [SERVICE, ACTING, PERSONAL]) expect(isAdmitted(caller, admins, ['admin'])).toBe(false);
  });
});

describe('a refusal', () => {
  it('tells the operator which role was missing', () => {
    expect(refusalOf(PERSON, route({ roles: ['admin', 'verifier'] }))).toMatchObject({
      reason: "role: expected one of admin, verifier, found [ 'user' ]",
    });
  });

  it('names the least scope that suffices', () => {
    const refusal = refusalOf(SERVICE, route({ scopes: ['keys:read', 'keys:write'] }));
    expect(refusal).toMatchObject({ scopes: ['keys:read'] });
    expect(refusal?.reason).toContain('scope: ');
  });

  it('names no scope where none would help', () => {
    expect(refusalOf(SERVICE, route())?.scopes).toBeUndefined();
    expect(refusalOf(ACTING, route({ scopes: ['users:read'], forItself: true }))).toMatchObject({
      reason: expect.stringContaining('acts for a user') as string,
      scopes: undefined,
    });
  });
});

describe('whether roles decide', () => {
  it.each<[string, Principal, Partial<AccessRequirements>, boolean]>([
    ['of a person where the route asks for some', PERSON, { roles: ['admin'] }, true],
    ['of a person where it asks for none', PERSON, {}, false],
    ['of a service', SERVICE, { roles: ['admin'] }, false],
    ['of a service that acts for a user', ACTING, { roles: ['admin'] }, false],
  ])('%s', (_, caller, requirements, expected) => {
    expect(dependsOnRoles(caller, route(requirements))).toBe(expected);
  });
});
