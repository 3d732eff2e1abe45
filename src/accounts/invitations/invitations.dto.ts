import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsInt, Max, Min } from 'class-validator';
import { LOCALES, type Locale } from '../../common/locale.js';
import { IsEmailAddress, IsText, MayBeAbsent } from '../../common/validation.js';
import { IsNewPassword } from '../../passwords/policy/new-password.js';
import { IsLocaleOrNull, IsRoles } from '../../users/users.dto.js';

const HOUR = 3600;
const DAY = 24 * HOUR;

export class ResendInvitationDto {
  /** How long the invitation works, in seconds: an hour to 30 days. */
  @ApiPropertyOptional({ type: 'integer', minimum: HOUR, maximum: 30 * DAY, default: 7 * DAY })
  @IsInt()
  @Min(HOUR)
  @Max(30 * DAY)
  expires_in: number = 7 * DAY;
}

export class InviteDto extends ResendInvitationDto {
  @ApiProperty({ format: 'email', maxLength: 254, example: 'erin@example.com' })
  @IsEmailAddress()
  email: string;

  /** The roles of the new account; absent where the address has an account without a password, which keeps its roles. */
  @ApiPropertyOptional({ example: ['user'] })
  @MayBeAbsent()
  @IsRoles()
  roles?: string[];

  @IsLocaleOrNull()
  locale?: Locale | null;
}

export class AcceptInvitationDto {
  /** The token of the link in the mail. */
  @ApiProperty({ example: 'cso_C29jbnRlcnNpZ25jb3VudGVyc2lnbmNvdW50ZXJzaWc' })
  @IsText({ max: 64 })
  token: string;

  /** 8 to 256 characters; the commonest passwords are refused. */
  @ApiProperty({ format: 'password', minLength: 8, maxLength: 256, example: 'seven green bicycles' })
  @IsNewPassword()
  password: string;

  @ApiPropertyOptional({ type: 'string', maxLength: 100, example: 'Erin' })
  @MayBeAbsent()
  @IsText({ max: 100 })
  display_name?: string;

  /** The language of mail to the user. Absent: that of the invitation, or else the one that `Accept-Language` prefers. */
  @ApiPropertyOptional({ enum: LOCALES, example: 'en' })
  @MayBeAbsent()
  @IsIn(LOCALES)
  locale?: Locale;
}
