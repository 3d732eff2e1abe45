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

/** A day: a token that lives longer is a secret by another name. */
const LONGEST_LIFE = 24 * 3600;
/** What an identity token may say to be. One of another kind, which the same keys may sign, is no assertion. */
const TYPES = new Set([null, 'jwt', 'jose']);
// As long as what is registered; PostgreSQL refuses U+0000.
const NAME = /^\P{Cc}{1,500}$/u;

/** Assertions of issuers that are trusted to vouch for clients (RFC 7523 3). */
@Injectable()
export class WorkloadAssertions {
  constructor(
    private readonly config: Config,
    private readonly identities: WorkloadIdentitiesService,
    private readonly keySets: RemoteKeySets,
    private readonly clock: Clock,
  ) {}

  /**
   * Whose identity an assertion says it is. Nothing of it is believed yet, but that it names somebody who is registered:
   * nobody else's keys are fetched.
   */
  async claimedBy(assertion: string): Promise<WorkloadIdentity | null> {
    const claims = foreignClaimsOf(foreignJwtOf(assertion)?.claims ?? {});
    if (!claims || !NAME.test(claims.issuer) || !NAME.test(claims.subject)) return null;
    return this.identities.find(claims.issuer, claims.subject);
  }

  /** Whether it is that identity's, and good now. Throws `unavailable` where the keys of the issuer cannot be known. */
  async isOf(identity: WorkloadIdentity, assertion: string): Promise<boolean> {
    const jwt = foreignJwtOf(assertion);
    const claims = jwt && foreignClaimsOf(jwt.claims);
    if (!jwt || !claims || !TYPES.has(jwt.type)) return false;
    if (claims.issuer !== identity.issuer || claims.subject !== identity.subject) return false;
    // RFC 7523 3 (3), and for us alone: of several recipients, each could use it here.
    const audience = identity.audience ?? this.config.publicUrl;
    if (claims.audiences.length !== 1 || claims.audiences[0] !== audience) return false;
    if (!isTimely(claims, this.clock.now() / 1000, LONGEST_LIFE)) return false;
    if (!isSignedByOneOf(jwt, await this.keysOf(identity, jwt))) return false;
    // Keys may have taken a while to come.
    return this.isStillValid(identity);
  }

  private async keysOf({ jwks, jwksUri }: WorkloadIdentity, jwt: ForeignJwt): Promise<readonly PublicKey[]> {
    return jwksUri === null ? (keySetOf(jwks) ?? []) : this.keySets.keysFor(jwksUri, jwt);
  }

  private async isStillValid({ id, issuer, subject }: WorkloadIdentity): Promise<boolean> {
    return (await this.identities.find(issuer, subject))?.id === id;
  }
}
