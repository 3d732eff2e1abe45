import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { Locale } from '../../common/locale.js';
import type { Role } from '../../common/principal.js';

/** An open invitation: the reader of its mail may choose a password and gets an account. */
@Entity('invitations')
export class Invitation {
  @PrimaryColumn({ type: 'uuid' })
  id: string;

  /** As typed. */
  @Column({ type: 'text' })
  email: string;

  /** The form in which addresses are compared; see `canonicalEmail`. */
  @Column({ type: 'text', name: 'email_folded' })
  emailFolded: string;

  /** An account without a password that the person is invited to; null where accepting creates one. */
  @Column({ type: 'uuid', name: 'user_id', nullable: true })
  userId: string | null;

  /** The roles of the account that accepting creates; those of the account where there is one. */
  @Column({ type: 'text', array: true })
  roles: Role[];

  @Column({ type: 'text', nullable: true })
  locale: Locale | null;

  @Column({ type: 'timestamptz', name: 'created_at' })
  createdAt: Date;

  @Column({ type: 'timestamptz', name: 'expires_at' })
  expiresAt: Date;
}
