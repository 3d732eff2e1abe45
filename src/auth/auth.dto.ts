import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsBoolean, IsIn, IsOptional, Matches, MaxLength } from 'class-validator';
import { type Locale } from '../common/locale.js';
import { CANONICAL_UUID } from '../common/uuid.js';
import { Excludes, IsEmailAddress, IsPasswordText, IsText, IsTimestamp, MayBeAbsent } from '../common/validation.js';
import { IsNewPassword } from '../passwords/policy/new-password.js';
import { IsLocaleOrNull, IsRoles } from '../users/users.dto.js';
import { USER_STATUSES, type UserStatus } from '../users/user.entity.js';

export const EXAMPLE_REFRESH_TOKEN = 'csr_AZ8zoFwefDqfZC9vPB2LegAAAAB0b3BzZWNyZXRzZWNyZXQhISFtYWNtYWNtYWNtYWNtYQ';

/** The ways in which a session's secret reaches the client. */
const TRANSPORTS = ['token', 'cookie'] as const;
export type Transport = (typeof TRANSPORTS)[number];

export class LoginDto {
  /** In any letter case. */
  @ApiProperty({ format: 'email', example: 'alice@example.com' })
  @IsEmailAddress()
  email: string;

  @ApiProperty({ format: 'password', example: 'seven green bicycles' })
  @IsPasswordText()
  password: string;

  /** Replaces a temporary password, which must be changed at the first sign-in; left out with any other. */
  @ApiPropertyOptional({ format: 'password', minLength: 8, maxLength: 256 })
  @MayBeAbsent()
  @IsNewPassword('email')
  new_password?: string;

  /** `cookie`: for browsers. The session is in a cookie that no script can read, and no token in the answer. */
  @ApiPropertyOptional({ enum: TRANSPORTS, default: 'token' })
  @MayBeAbsent()
  @IsIn(TRANSPORTS)
  transport?: Transport;
}

export class RefreshDto {
  /** Absent: the session of the cookie. */
  @ApiPropertyOptional({ example: EXAMPLE_REFRESH_TOKEN })
  @MayBeAbsent()
  @IsText({ max: 256 })
  refresh_token?: string;
}

export class LogoutDto {
  /** Instead of an access token in the `Authorization` header, or the cookie. */
  @ApiPropertyOptional()
  @MayBeAbsent()
  @IsText({ max: 256 })
  refresh_token?: string;
}

export class ChangePasswordDto {
  @ApiProperty({ format: 'password' })
  @IsPasswordText()
  current_password: string;

  /** 8 to 256 characters; the commonest passwords are refused. */
  @ApiProperty({ format: 'password', minLength: 8, maxLength: 256 })
  @IsNewPassword()
  new_password: string;
}

export class TemporaryPasswordDto {
  /** 8 to 256 characters; the commonest passwords are refused. */
  @ApiProperty({ format: 'password', minLength: 8, maxLength: 256, example: 'seven green bicycles' })
  @IsNewPassword()
  password: string;
}

export class CreateUserDto {
  @ApiProperty({ format: 'email', maxLength: 254, example: 'bob@example.com' })
  @IsEmailAddress()
  email: string;

  /** Absent: an account without a password. */
  @ApiPropertyOptional({ format: 'password', minLength: 8, maxLength: 256 })
  @MayBeAbsent()
  @IsNewPassword('email')
  password?: string;

  /** The hash of another system, instead of a password; `docs/migrating.md` lists the forms. It is replaced at the first login. */
  @ApiPropertyOptional({ maxLength: 1024, example: '$2b$12$R9h/cIPz0gi.URNNX3kh2OPST9/PgBkqquzi.Ss7KIUgO2t0jWMUW' })
  @MayBeAbsent()
  @MaxLength(1024)
  @Matches(/^[\x20-\x7e]+$/)
  @Excludes('password')
  password_hash?: string;

  /** Whether the password is temporary: then the user has to change it, with `new_password` at the first login. */
  @ApiPropertyOptional({ default: false })
  @MayBeAbsent()
  @IsBoolean()
  must_change_password?: boolean;

  @ApiPropertyOptional({ type: 'string', nullable: true, maxLength: 100, example: 'Bob' })
  @IsOptional()
  @IsText({ max: 100 })
  display_name?: string | null;

  @IsLocaleOrNull()
  locale?: Locale | null;

  /** The id in the system that the user comes from, so that references to it stay valid. Absent: a new id. */
  @ApiPropertyOptional({
    pattern: CANONICAL_UUID.source,
    format: 'uuid',
    example: '0199f3a0-5c1e-7c3a-9f64-2f6f3c1d8b7a',
  })
  @MayBeAbsent()
  @Matches(CANONICAL_UUID, { message: '$property must be a UUID in lower case' })
  id?: string;

  /** When the account was created there; not in the future. */
  @ApiPropertyOptional({ type: 'string', format: 'date-time', example: '2021-04-01T12:00:00Z' })
  @MayBeAbsent()
  @IsTimestamp()
  created_at?: string;

  @ApiPropertyOptional({ default: false })
  @MayBeAbsent()
  @IsBoolean()
  email_verified?: boolean;

  @ApiPropertyOptional({ enum: USER_STATUSES, default: 'active' })
  @MayBeAbsent()
  @IsIn(USER_STATUSES)
  status?: UserStatus;

  /** 16 at most, of 32 characters at most: a letter, then letters, digits and `_.:-`. Case counts. */
  @ApiPropertyOptional({ default: ['user'], example: ['user'] })
  @MayBeAbsent()
  @IsRoles()
  roles?: string[];
}
