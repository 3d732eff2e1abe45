import { Column, Entity, PrimaryColumn } from 'typeorm';

/** An authenticator app of a user (RFC 6238). */
@Entity('totp_factors')
export class TotpFactor {
  @PrimaryColumn({ type: 'uuid' })
  id: string;

  @Column({ type: 'uuid', name: 'user_id' })
  userId: string;

  @Column({ type: 'text' })
  name: string;

  /** Sealed with a key derived from `SECRET_KEY`; the id is the associated data. */
  @Column({ type: 'bytea' })
  secret: Buffer;

  /** The latest time step whose code was accepted. */
  @Column({ type: 'bigint', name: 'last_step', default: 0 })
  lastStep: string;

  @Column({ type: 'timestamptz', name: 'created_at' })
  createdAt: Date;

  /** Null until a first code has shown that the app has the secret. */
  @Column({ type: 'timestamptz', name: 'confirmed_at', nullable: true })
  confirmedAt: Date | null;

  @Column({ type: 'timestamptz', name: 'last_used_at', nullable: true })
  lastUsedAt: Date | null;
}
