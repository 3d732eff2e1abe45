import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A secret of a client, of which only the hash is kept. */
@Entity('client_secrets')
export class ClientSecret {
  @PrimaryColumn({ type: 'uuid' })
  id: string;

  @Column({ type: 'text', name: 'client_id' })
  clientId: string;

  /** The SHA-256 hash. The secret is random, so that a slow hash would protect nothing more. */
  @Column({ type: 'bytea' })
  hash: Buffer;

  @Column({ type: 'timestamptz', name: 'created_at' })
  createdAt: Date;

  @Column({ type: 'timestamptz', name: 'expires_at', nullable: true })
  expiresAt: Date | null;
}
