import { Injectable } from '@nestjs/common';
import type { WorkloadIdentity } from '../../clients/workload-identities/workload-identity.entity.js';
import { WorkloadIdentitiesService } from '../../clients/workload-identities/workload-identities.service.js';
import { Clock } from '../../common/clock.js';
import { keySetOf } from '../../jose/key-set.js';
import type { PublicKey } from '../../jose/public-key.js';
import { Config } from '../../platform/config/config.js';
import { foreignClaimsOf, isTimely } from './foreign-claims.js';
import { foreignJwtOf, isSignedByOneOf, type ForeignJwt } from '../../jose/foreign-jwt.js';
import { RemoteKeySets } from '../../jose/remote-key-sets.js';

/** The longest life of an assertion, in seconds: a day. A token that lives longer is no better than a secret. */
const LONGEST_LIFE = 24 * 3600;
/** The accepted values of `typ`. The same keys may sign tokens of other kinds, which are no assertions. */
const TYPES = new Set([null, 'jwt', 'jose']);
// The same length as registered names; PostgreSQL refuses U+0000.
const NAME = /^\P{Cc}{1,500}$/u;

/** Checks assertions of issuers that are trusted to vouch for clients (RFC 7523 3). */
@Injectable()
export class WorkloadAssertions {
  constructor(
    private readonly config: Config,
    private readonly identities: WorkloadIdentitiesService,
    private readonly keySets: RemoteKeySets,
    private readonly clock: Clock,
  ) {}

  /**
   * Returns the registered identity that an assertion names; null where there is none. The assertion is not verified
   * yet, but keys are only fetched for a registered issuer.
   */
  async claimedBy(assertion: string): Promise<WorkloadIdentity | null> {
    const claims = foreignClaimsOf(foreignJwtOf(assertion)?.claims ?? {});
    if (!claims || !NAME.test(claims.issuer) || !NAME.test(claims.subject)) return null;
    return this.identities.find(claims.issuer, claims.subject);
  }

  /**
   * Tells whether an assertion belongs to the identity and is valid now. Throws `unavailable` where the keys of the
   * issuer cannot be fetched.
   */
  async isOf(identity: WorkloadIdentity, assertion: string): Promise<boolean> {
    const jwt = foreignJwtOf(assertion);
    const claims = jwt && foreignClaimsOf(jwt.claims);
    if (!jwt || !claims || !TYPES.has(jwt.type)) return false;
    if (claims.issuer !== identity.issuer || claims.subject !== identity.subject) return false;
    // RFC 7523 3 (3), and the only audience: with several recipients, each of them could use the assertion here.
    const audience = identity.audience ?? this.config.publicUrl;
    if (claims.audiences.length !== 1 || claims.audiences[0] !== audience) return false;
    if (!isTimely(claims, this.clock.now() / 1000, LONGEST_LIFE)) return false;
    if (!isSignedByOneOf(jwt, await this.keysOf(identity, jwt))) return false;
    // Fetching the keys may have taken a while.
    return this.isStillValid(identity);
  }

  private async keysOf({ jwks, jwksUri }: WorkloadIdentity, jwt: ForeignJwt): Promise<readonly PublicKey[]> {
    return jwksUri === null ? (keySetOf(jwks) ?? []) : this.keySets.keysFor(jwksUri, jwt);
  }

  private async isStillValid({ id, issuer, subject }: WorkloadIdentity): Promise<boolean> {
    return (await this.identities.find(issuer, subject))?.id === id;
  }
}
