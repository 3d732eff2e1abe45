import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsBoolean } from 'class-validator';
import { IsEmailAddress, IsPasswordText, MayBeAbsent } from '../../common/validation.js';
import { IsNewPassword } from '../../passwords/policy/new-password.js';

export class InteractionSignInDto {
  @ApiProperty({ format: 'email', example: 'alice@example.com' })
  @IsEmailAddress()
  email: string;

  @ApiProperty({ format: 'password', example: 'seven green bicycles' })
  @IsPasswordText()
  password: string;

  /** Replaces a temporary password. */
  @ApiPropertyOptional({ format: 'password', minLength: 8, maxLength: 256 })
  @MayBeAbsent()
  @IsNewPassword('email')
  new_password?: string;
}

export class InteractionConsentDto {
  /** Whether the person gives the application access. */
  @IsBoolean()
  consent: boolean;
}
