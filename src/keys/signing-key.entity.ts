import { Column, Entity, PrimaryColumn } from 'typeorm';

export type AsymmetricAlgorithm = 'ES256' | 'RS256';

/** `published`: in the JWKS, not signing yet. `active`: signs. `retired`: still verifies. */
export type KeyStatus = 'published' | 'active' | 'retired';

/** A key that signs access tokens, and everything else that this service signs. */
@Entity('signing_keys')
export class SigningKey {
  @PrimaryColumn({ type: 'text' })
  kid: string;

  @Column({ type: 'text' })
  alg: AsymmetricAlgorithm;

  @Column({ type: 'text' })
  status: KeyStatus;

  /** SubjectPublicKeyInfo, PEM. */
  @Column({ type: 'text', name: 'public_key' })
  publicKey: string;

  /** PKCS #8, DER, sealed with a key derived from `SECRET_KEY`; the kid is the associated data. */
  @Column({ type: 'bytea', name: 'private_key' })
  privateKey: Buffer;

  @Column({ type: 'timestamptz', name: 'published_at' })
  publishedAt: Date;

  /** When the key starts to sign, planned or past. */
  @Column({ type: 'timestamptz', name: 'activates_at' })
  activatesAt: Date;

  @Column({ type: 'timestamptz', name: 'retired_at', nullable: true })
  retiredAt: Date | null;
}

/**
 * A key that signs security events in RS256, for receivers that ask for it while access tokens have another algorithm.
 * It verifies no access token.
 */
@Entity('event_signing_keys')
export class EventSigningKey extends SigningKey {}
