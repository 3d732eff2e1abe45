import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { JwkSet } from '../jose/key-set.js';

export const CLIENT_STATUSES = ['active', 'disabled'] as const;
export type ClientStatus = (typeof CLIENT_STATUSES)[number];

/** The grants by which a client may get tokens (RFC 7591 2). */
export const GRANT_TYPES = [
  'client_credentials',
  'urn:ietf:params:oauth:grant-type:token-exchange',
  'urn:ietf:params:oauth:grant-type:jwt-bearer',
] as const;
export type GrantType = (typeof GRANT_TYPES)[number];

/** A service that acts for itself, or for users (RFC 6749 2). Its credentials are stored beside it. */
@Entity('clients')
export class Client {
  @PrimaryColumn({ type: 'text' })
  id: string;

  @Column({ type: 'text' })
  name: string;

  @Column({ type: 'text' })
  status: ClientStatus;

  @Column({ type: 'text', array: true, name: 'grant_types' })
  grantTypes: GrantType[];

  /** The scopes that it may have at most. */
  @Column({ type: 'text', array: true })
  scopes: string[];

  /** The audiences that its tokens may have. The first one is the default. */
  @Column({ type: 'text', array: true })
  audiences: string[];

  /** The audiences that the client itself serves: it may introspect tokens with one of them. */
  @Column({ type: 'text', array: true, name: 'served_audiences' })
  servedAudiences: string[];

  /** Seconds; null for `ACCESS_TOKEN_TTL`, which is also the most. */
  @Column({ type: 'integer', name: 'token_ttl', nullable: true })
  tokenTtl: number | null;

  @Column({ type: 'jsonb', nullable: true })
  jwks: JwkSet | null;

  @Column({ type: 'text', name: 'jwks_uri', nullable: true })
  jwksUri: string | null;

  /** The subject of its certificate (RFC 8705 2.1.2), as the proxy that terminates TLS writes it. */
  @Column({ type: 'text', name: 'tls_subject_dn', nullable: true })
  tlsSubjectDn: string | null;

  /** The time, in seconds, up to which its tokens are refused. */
  @Column({ type: 'bigint', name: 'token_epoch', nullable: true })
  tokenEpoch: string | null;

  @Column({ type: 'timestamptz', name: 'created_at' })
  createdAt: Date;

  @Column({ type: 'timestamptz', name: 'updated_at' })
  updatedAt: Date;
}
