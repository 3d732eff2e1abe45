import { Page } from '../../common/pagination.js';
import { ApiProperty } from '@nestjs/swagger';
import type { JwkSet } from '../../jose/key-set.js';
import type { WorkloadIdentity } from './workload-identity.entity.js';

/** Another issuer that vouches for a service account. */
export class WorkloadIdentityView {
  /** @example 0199f3a0-5c1e-7c3a-9f64-2f6f3c1d8b7a */
  id: string;

  /** @example https://token.actions.githubusercontent.com */
  issuer: string;

  /** @example repo:example/orders:ref:refs/heads/main */
  subject: string;

  @ApiProperty({ type: 'string', nullable: true, example: null })
  audience: string | null;

  @ApiProperty({ type: 'object', nullable: true, additionalProperties: true, example: null })
  jwks: JwkSet | null;

  @ApiProperty({
    type: 'string',
    nullable: true,
    example: 'https://token.actions.githubusercontent.com/.well-known/jwks',
  })
  jwks_uri: string | null;

  created_at: Date;

  static of(identity: WorkloadIdentity): WorkloadIdentityView {
    return {
      id: identity.id,
      issuer: identity.issuer,
      subject: identity.subject,
      audience: identity.audience,
      jwks: identity.jwks,
      jwks_uri: identity.jwksUri,
      created_at: identity.createdAt,
    };
  }
}

export class WorkloadIdentitiesView extends Page {
  items: WorkloadIdentityView[];
}
