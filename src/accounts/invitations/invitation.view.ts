import { ApiProperty } from '@nestjs/swagger';
import { LOCALES, type Locale } from '../../common/locale.js';
import { Page } from '../../common/pagination.js';
import type { Invitation } from './invitation.entity.js';

/** An invitation that nobody has accepted yet. */
export class InvitationView {
  @ApiProperty({ format: 'uuid' })
  id: string;

  /** @example erin@example.com */
  email: string;

  /** @example ["user"] */
  roles: string[];

  @ApiProperty({ type: 'string', enum: LOCALES, nullable: true })
  locale: Locale | null;

  /** The account that the person is invited to; null where accepting creates one. */
  @ApiProperty({ type: 'string', format: 'uuid', nullable: true })
  user_id: string | null;

  created_at: Date;

  /** The end of the invitation, which may be past: then only another mail makes it work again. */
  expires_at: Date;

  static of({ id, email, roles, locale, userId, createdAt, expiresAt }: Invitation): InvitationView {
    return { id, email, roles, locale, user_id: userId, created_at: createdAt, expires_at: expiresAt };
  }
}

export class InvitationPage extends Page {
  items: InvitationView[];
}
