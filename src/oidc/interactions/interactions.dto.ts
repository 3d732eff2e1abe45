import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsBoolean } from 'class-validator';
import { IsEmailAddress, IsPasswordText, IsText, MayBeAbsent } from '../../common/validation.js';
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

export class InteractionSecondFactorDto {
  /** The `mfa_token` of the answer to the first step. */
  @ApiProperty({ example: 'cso_C29jbnRlcnNpZ25jb3VudGVyc2lnbmNvdW50ZXJzaWc' })
  @IsText({ max: 64 })
  mfa_token: string;

  /** One of the `methods` of that answer. */
  @ApiProperty({ example: 'totp' })
  @IsText({ max: 32 })
  method: string;

  /** The code of the app, or a recovery code. */
  @ApiProperty({ maxLength: 64, example: '042195' })
  @IsText({ max: 64 })
  code: string;
}

export class InteractionConsentDto {
  /** Whether the person gives the application access. */
  @IsBoolean()
  consent: boolean;
}
