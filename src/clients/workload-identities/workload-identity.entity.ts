import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { JwkSet } from '../../jose/key-set.js';

/** Another issuer that vouches for a client, instead of a secret: a cluster, or a CI service. */
@Entity('workload_identities')
export class WorkloadIdentity {
  @PrimaryColumn({ type: 'uuid' })
  id: string;

  @Column({ type: 'text', name: 'client_id' })
  clientId: string;

  /** The `iss` of its assertions, exactly. */
  @Column({ type: 'text' })
  issuer: string;

  /** Their `sub`, exactly. Issuer and subject together belong to one client. */
  @Column({ type: 'text' })
  subject: string;

  /** Their `aud`; null for our own issuer name. */
  @Column({ type: 'text', nullable: true })
  audience: string | null;

  /** The keys of the issuer, where they cannot be fetched. */
  @Column({ type: 'jsonb', nullable: true })
  jwks: JwkSet | null;

  /** The URL from which they are fetched, otherwise. */
  @Column({ type: 'text', name: 'jwks_uri', nullable: true })
  jwksUri: string | null;

  @Column({ type: 'timestamptz', name: 'created_at' })
  createdAt: Date;
}
