import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { JwkSet } from '../jose/key-set.js';

export const CLIENT_STATUSES = ['active', 'disabled'] as const;
export type ClientStatus = (typeof CLIENT_STATUSES)[number];

/** The grants by which a client may get tokens (RFC 7591 2). */
export const GRANT_TYPES = [
  'authorization_code',
  'client_credentials',
  'urn:ietf:params:oauth:grant-type:token-exchange',
  'urn:ietf:params:oauth:grant-type:jwt-bearer',
] as const;
export type GrantType = (typeof GRANT_TYPES)[number];

/** Whether a client can keep a secret (RFC 6749 2.1). */
export const CLIENT_TYPES = ['confidential', 'public'] as const;
export type ClientType = (typeof CLIENT_TYPES)[number];

/** Where an application runs: on a server or in a browser, or on the device of a person (RFC 8252). */
export const APPLICATION_TYPES = ['web', 'native'] as const;
export type ApplicationType = (typeof APPLICATION_TYPES)[number];

/** A service that acts for itself, or an application that people sign in to (RFC 6749 2). Its credentials are stored beside it. */
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

  @Column({ type: 'text' })
  type: ClientType;

  @Column({ type: 'text', name: 'application_type' })
  applicationType: ApplicationType;

  /** An application of the operator: people are not asked for consent, and it may call this service for them. */
  @Column({ type: 'boolean', name: 'first_party' })
  firstParty: boolean;

  /** Whether an authorization request needs a code challenge (RFC 7636). */
  @Column({ type: 'boolean', name: 'require_pkce' })
  requirePkce: boolean;

  /** Whether the client has to push its authorization requests (RFC 9126 6). */
  @Column({ type: 'boolean', name: 'require_pushed_requests' })
  requirePushedRequests: boolean;

  /** The URIs to which answers of the authorization endpoint may go. */
  @Column({ type: 'text', array: true, name: 'redirect_uris' })
  redirectUris: string[];

  /** The URIs to which people may be sent after signing out. */
  @Column({ type: 'text', array: true, name: 'post_logout_redirect_uris' })
  postLogoutRedirectUris: string[];

  /** The URI that is told of the end of sessions (OpenID Connect Back-Channel Logout 1.0). */
  @Column({ type: 'text', name: 'backchannel_logout_uri', nullable: true })
  backchannelLogoutUri: string | null;

  /** The time, in seconds, up to which its tokens are refused. */
  @Column({ type: 'bigint', name: 'token_epoch', nullable: true })
  tokenEpoch: string | null;

  @Column({ type: 'timestamptz', name: 'created_at' })
  createdAt: Date;

  @Column({ type: 'timestamptz', name: 'updated_at' })
  updatedAt: Date;
}
