import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A secret of a client, of which only the hash is kept. */
@Entity('client_secrets')
export class ClientSecret {
  @PrimaryColumn({ type: 'uuid' })
  id: string;

  @Column({ type: 'text', name: 'client_id' })
  clientId: string;

  /** SHA-256: the secret is random, so there is nothing to guess that a slow hash would protect. */
  @Column({ type: 'bytea' })
  hash: Buffer;

  @Column({ type: 'timestamptz', name: 'created_at' })
  createdAt: Date;

  @Column({ type: 'timestamptz', name: 'expires_at', nullable: true })
  expiresAt: Date | null;
}
