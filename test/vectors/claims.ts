import { expect, it } from 'vitest';
import vectors from './claims.json' with { type: 'json' };

/** The claims from which the vectors differ, with whom a verifier has to expect and the time. */
export const { now: NOW, issuer: ISSUER, audiences: AUDIENCES, claims: CLAIMS } = vectors;

const { principal, accepted, required, refused, noClaims } = vectors;
const without = (name: string) => Object.fromEntries(Object.entries(CLAIMS).filter(([key]) => key !== name));

/** What both sides take claims for. `principalOf` gives null for what it refuses. */
export function testClaims(principalOf: (claims: unknown) => unknown): void {
  it('state a principal', () => expect(principalOf(CLAIMS)).toEqual(principal));

  it.each(accepted)('state a principal: with $name', ({ without: missing = '', changes = {}, principal: others }) =>
    expect(principalOf({ ...without(missing), ...changes })).toEqual({ ...principal, ...others }),
  );

  it.each(required)('state none without %s', (name) => expect(principalOf(without(name))).toBeNull());

  it.each(Object.entries(refused))('state none with another %s', (name, values) =>
    expect(values.filter((value) => principalOf({ ...CLAIMS, [name]: value }) !== null)).toEqual([]),
  );

  // Not every parser of JSON takes half of a character.
  it.each(['sub', 'jti', 'client_id', 'sid', 'scope', 'email'])('state none with half of a character in %s', (name) => {
    expect(principalOf({ ...CLAIMS, [name]: '\ud800' })).toBeNull();
    expect(principalOf({ ...CLAIMS, roles: ['user', '\ud800'] })).toBeNull();
  });

  it.each(noClaims)('are not %j', (claims) => expect(principalOf(claims)).toBeNull());
}
