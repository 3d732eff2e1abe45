import { ArrayMaxSize, ArrayUnique, IsArray, IsBoolean, IsIn, IsOptional, Matches } from 'class-validator';
import { applyDecorators } from '@nestjs/common';
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { LOCALES, type Locale } from '../common/locale.js';
import { PageDto } from '../common/pagination.js';
import { IsEmailAddress, IsPasswordText, IsText, MayBeAbsent } from '../common/validation.js';
import { USER_STATUSES, type UserStatus } from './user.entity.js';

/**
 * Roles are case-sensitive, because other systems have their own spelling. They have no blank or comma, which separate
 * them in lists.
 */
const ROLE = /^[A-Za-z][\w.:-]{0,31}$/;
const ROLE_IN_WORDS =
  'of 1 to 32 characters, a letter and then letters, digits and _.:-, such as "user", "ROLE_ADMIN" or "orders:approver"';
const MAX_ROLES = 16;

/** Requires a short list of short roles, because every access token contains them. */
export const IsRoles = (): PropertyDecorator =>
  applyDecorators(
    ApiProperty({
      type: 'array',
      items: { type: 'string', pattern: ROLE.source },
      maxItems: MAX_ROLES,
      uniqueItems: true,
    }),
    IsArray(),
    ArrayMaxSize(MAX_ROLES, { message: `$property must be ${MAX_ROLES} names at most` }),
    ArrayUnique({ message: '$property must name each role once' }),
    Matches(ROLE, { each: true, message: `$property must be names ${ROLE_IN_WORDS}` }),
  );

/**
 * Requires the form of the caller's own password. Routes with `@RecentSignIn()` check the password before the body is
 * read.
 */
export const IsCurrentPassword = (): PropertyDecorator =>
  applyDecorators(
    ApiPropertyOptional({
      format: 'password',
      description: 'Your password; needed where you have signed in more than 10 minutes ago.',
    }),
    MayBeAbsent(),
    IsPasswordText(),
  );

/** The language of mail to the user. */
export const IsLocaleOrNull = (): PropertyDecorator =>
  applyDecorators(
    ApiPropertyOptional({
      enum: LOCALES,
      nullable: true,
      example: 'en',
      description: 'The language of mail to the user; null: that of the service.',
    }),
    IsOptional(),
    IsIn(LOCALES),
  );

export class ConfirmationDto {
  @IsCurrentPassword()
  current_password?: string;
}

export class UpdateMeDto {
  @ApiPropertyOptional({
    type: 'string',
    nullable: true,
    maxLength: 100,
    example: 'Alice',
    description: 'null clears it.',
  })
  @IsOptional()
  @IsText({ max: 100 })
  display_name?: string | null;

  @IsLocaleOrNull()
  locale?: Locale | null;
}

export class UpdateUserDto extends UpdateMeDto {
  /** Another address ends all sessions, as a change of the password does, and is not verified. */
  @ApiPropertyOptional({ format: 'email', maxLength: 254, example: 'bob@example.com' })
  @MayBeAbsent()
  @IsEmailAddress()
  email?: string;

  /** Whether the user has proved to read mail at the address. */
  @ApiPropertyOptional()
  @MayBeAbsent()
  @IsBoolean()
  email_verified?: boolean;

  /** `disabled` ends all sessions at once. */
  @ApiPropertyOptional({ enum: USER_STATUSES })
  @MayBeAbsent()
  @IsIn(USER_STATUSES)
  status?: UserStatus;

  /** 16 at most, of 32 characters at most; case counts. Taking a role away refuses the access tokens that carry it, at once; the next refresh brings the rest. */
  @ApiPropertyOptional({ example: ['user', 'admin'] })
  @MayBeAbsent()
  @IsRoles()
  roles?: string[];
}

export class ListUsersDto extends PageDto {
  /** The beginning of an e-mail address or of a display name, in any letter case. */
  @MayBeAbsent()
  @IsText({ max: 100 })
  search?: string;

  @ApiProperty({ enum: USER_STATUSES, required: false })
  @MayBeAbsent()
  @IsIn(USER_STATUSES)
  status?: UserStatus;

  /** Only users with this role. */
  @MayBeAbsent()
  @IsText({ max: 32 })
  role?: string;
}
