import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { AssuranceLevel } from './new-session.js';

/**
 * A signed-in device. Its refresh token is derived, so the row contains no token. The row of a session that ended is
 * deleted.
 */
@Entity('sessions')
export class Session {
  @PrimaryColumn({ type: 'uuid' })
  id: string;

  @Column({ type: 'uuid', name: 'user_id' })
  userId: string;

  /** SHA-256 of the secret that every refresh token of this session carries. */
  @Column({ type: 'bytea', name: 'secret_hash' })
  secretHash: Buffer;

  /** The number of rotations so far. Only the refresh token of this generation may rotate again. */
  @Column({ type: 'integer' })
  generation: number;

  @Column({ type: 'timestamptz', name: 'created_at' })
  createdAt: Date;

  /** When it was last used: the latest `iat` of its access tokens. */
  @Column({ type: 'timestamptz', name: 'rotated_at' })
  rotatedAt: Date;

  /** The generation that was rotated last, and when, by the clock of the database; null before the first rotation. */
  @Column({ type: 'integer', name: 'replaced_generation', nullable: true })
  replacedGeneration: number | null;

  @Column({ type: 'timestamptz', name: 'replaced_at', nullable: true })
  replacedAt: Date | null;

  /** The absolute limit. */
  @Column({ type: 'timestamptz', name: 'expires_at' })
  expiresAt: Date;

  /** The thumbprint of the key that its tokens are bound to (RFC 9449 6.1); null for bearer tokens. */
  @Column({ type: 'text', name: 'dpop_jkt', nullable: true })
  keyThumbprint: string | null;

  /** The client of the session; null for the first-party client. */
  @Column({ type: 'text', name: 'client_id', nullable: true })
  clientId: string | null;

  /**
   * The session of the browser under which this one was opened, and with which it ends; null for an independent
   * session.
   */
  @Column({ type: 'uuid', name: 'parent_id', nullable: true })
  parentId: string | null;

  @Column({ type: 'text', array: true })
  scopes: string[];

  /** The audiences of its tokens; null for `JWT_AUDIENCE`. */
  @Column({ type: 'text', array: true, nullable: true })
  audiences: string[] | null;

  /** When the user authenticated; null where that was when the session was created. */
  @Column({ type: 'timestamptz', name: 'auth_time', nullable: true })
  authTime: Date | null;

  /** The methods of the authentication (RFC 8176). */
  @Column({ type: 'text', array: true })
  amr: string[];

  @Column({ type: 'text' })
  acr: AssuranceLevel;

  @Column({ type: 'text', name: 'user_agent', nullable: true })
  userAgent: string | null;

  @Column({ type: 'text', nullable: true })
  address: string | null;
}
