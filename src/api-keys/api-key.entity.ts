import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A key of a user or of a client, of which only the hash of the secret is kept. */
@Entity('api_keys')
export class ApiKey {
  /** The id, which is the `client_id` of its tokens. */
  @PrimaryColumn({ type: 'text' })
  id: string;

  /** The owner, which is either a user or a client. */
  @Column({ type: 'uuid', name: 'user_id', nullable: true })
  userId: string | null;

  @Column({ type: 'text', name: 'client_id', nullable: true })
  clientId: string | null;

  @Column({ type: 'text' })
  name: string;

  @Column({ type: 'bytea', name: 'secret_hash', select: false })
  secretHash: Buffer;

  @Column({ type: 'text', array: true })
  scopes: string[];

  /** The audiences of its tokens; empty for the audience of people's tokens. */
  @Column({ type: 'text', array: true })
  audiences: string[];

  /** Whether its tokens state the roles that its user has, but for `admin`. */
  @Column({ type: 'boolean', name: 'with_roles' })
  withRoles: boolean;

  @Column({ type: 'timestamptz', name: 'created_at' })
  createdAt: Date;

  /** When the key expires; null for a client's key that is valid until it is deleted. */
  @Column({ type: 'timestamptz', name: 'expires_at', nullable: true })
  expiresAt: Date | null;

  /** The latest `iat` of its tokens. */
  @Column({ type: 'timestamptz', name: 'issued_at', nullable: true })
  issuedAt: Date | null;

  /** The last use, exact to a few minutes. */
  @Column({ type: 'timestamptz', name: 'last_used_at', nullable: true })
  lastUsedAt: Date | null;

  @Column({ type: 'text', name: 'last_used_address', nullable: true })
  lastUsedAddress: string | null;
}
