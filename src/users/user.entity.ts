import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { Locale } from '../common/locale.js';
import type { Role } from '../common/principal.js';

export const USER_STATUSES = ['active', 'disabled'] as const;
export type UserStatus = (typeof USER_STATUSES)[number];

/** A person's account. Credentials (passwords, factors) are in tables of their own. */
@Entity('users')
export class User {
  @PrimaryColumn({ type: 'uuid' })
  id: string;

  /** As typed, for display. */
  @Column({ type: 'text' })
  email: string;

  /** The form in which previous versions compare addresses; see `lowerCaseEmail`. */
  @Column({ type: 'text', name: 'email_canonical' })
  emailCanonical: string;

  /** The form in which addresses are compared; see `canonicalEmail`. `EmailFolding` explains when it is null. */
  @Column({ type: 'text', name: 'email_folded', nullable: true })
  emailFolded: string | null;

  @Column({ type: 'text', name: 'display_name', nullable: true })
  displayName: string | null;

  /** The language that they are written to in; null where they have chosen none. */
  @Column({ type: 'text', nullable: true })
  locale: Locale | null;

  @Column({ type: 'text' })
  status: UserStatus;

  @Column({ type: 'text', array: true })
  roles: Role[];

  @Column({ type: 'timestamptz', name: 'email_verified_at', nullable: true })
  emailVerifiedAt: Date | null;

  /** Counts changes of credentials, so that a sign-in that began before such a change cannot end after it. */
  @Column({ type: 'integer', name: 'credentials_version' })
  credentialsVersion: number;

  /** Whether a sign-in needs a second factor. */
  @Column({ type: 'boolean', name: 'second_factor', default: false })
  secondFactor: boolean;

  @Column({ type: 'timestamptz', name: 'created_at' })
  createdAt: Date;

  @Column({ type: 'timestamptz', name: 'updated_at' })
  updatedAt: Date;
}
