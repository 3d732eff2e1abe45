import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsOptional } from 'class-validator';
import { LOCALES, type Locale } from '../../common/locale.js';
import { IsEmailAddress, IsText, MayBeAbsent } from '../../common/validation.js';
import { IsNewPassword } from '../../passwords/policy/new-password.js';

export class RegisterDto {
  @ApiProperty({ format: 'email', maxLength: 254, example: 'alice@example.com' })
  @IsEmailAddress()
  email: string;

  /** 8 to 256 characters; the commonest passwords are refused. */
  @ApiProperty({ format: 'password', minLength: 8, maxLength: 256, example: 'seven green bicycles' })
  @IsNewPassword('email')
  password: string;

  @ApiPropertyOptional({ type: 'string', nullable: true, maxLength: 100, example: 'Alice' })
  @IsOptional()
  @IsText({ max: 100 })
  display_name?: string | null;

  /** The language of mail to the user. Absent: the language that `Accept-Language` prefers. */
  @ApiPropertyOptional({ enum: LOCALES, example: 'en' })
  @MayBeAbsent()
  @IsIn(LOCALES)
  locale?: Locale;
}
