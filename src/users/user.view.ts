import { LOCALES, type Locale } from '../common/locale.js';
import { Page } from '../common/pagination.js';
import { USER_STATUSES, type User, type UserStatus } from './user.entity.js';
import { ApiProperty } from '@nestjs/swagger';

/** A user as the API shows it. */
export class UserView {
  /** @example 0199f3a0-5c1e-7c3a-9f64-2f6f3c1d8b7a */
  id: string;

  /** @example alice@example.com */
  email: string;

  @ApiProperty({ type: 'string', nullable: true, example: 'Alice' })
  display_name: string | null;

  /** The language of mail to the user; null: that of the service. */
  @ApiProperty({ enum: LOCALES, nullable: true, example: 'en' })
  locale: Locale | null;

  @ApiProperty({ enum: USER_STATUSES })
  status: UserStatus;

  /** @example ["user"] */
  roles: string[];

  @ApiProperty({ type: 'string', format: 'date-time', nullable: true })
  email_verified_at: Date | null;

  created_at: Date;

  updated_at: Date;

  static of(user: User): UserView {
    return {
      id: user.id,
      email: user.email,
      display_name: user.displayName,
      locale: user.locale,
      status: user.status,
      roles: user.roles,
      email_verified_at: user.emailVerifiedAt,
      created_at: user.createdAt,
      updated_at: user.updatedAt,
    };
  }
}

export class UserPage extends Page {
  items: UserView[];
}
