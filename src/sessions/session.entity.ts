import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { AssuranceLevel } from './new-session.js';

/** A signed-in device. Its refresh token is derived, so the row holds no token; a session that ended is gone. */
@Entity('sessions')
export class Session {
  @PrimaryColumn({ type: 'uuid' })
  id: string;

  @Column({ type: 'uuid', name: 'user_id' })
  userId: string;

  /** SHA-256 of the secret that every refresh token of this session carries. */
  @Column({ type: 'bytea', name: 'secret_hash' })
  secretHash: Buffer;

  /** How often the refresh token has been rotated: the only generation that may rotate it again. */
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

  /** The client that it is of; null for the first-party client. */
  @Column({ type: 'text', name: 'client_id', nullable: true })
  clientId: string | null;

  /** The session of the browser that it was opened under, and ends with; null for one of its own. */
  @Column({ type: 'uuid', name: 'parent_id', nullable: true })
  parentId: string | null;

  @Column({ type: 'text', array: true })
  scopes: string[];

  /** Whom its tokens are meant for; null for `JWT_AUDIENCE`. */
  @Column({ type: 'text', array: true, nullable: true })
  audiences: string[] | null;

  /** When the user proved who they are; null where that was when it was created. */
  @Column({ type: 'timestamptz', name: 'auth_time', nullable: true })
  authTime: Date | null;

  /** With what (RFC 8176), and how strongly. */
  @Column({ type: 'text', array: true })
  amr: string[];

  @Column({ type: 'text' })
  acr: AssuranceLevel;

  @Column({ type: 'text', name: 'user_agent', nullable: true })
  userAgent: string | null;

  @Column({ type: 'text', nullable: true })
  address: string | null;
}
