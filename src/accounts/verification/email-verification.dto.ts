import { ApiPropertyOptional } from '@nestjs/swagger';
import { Excludes, IsPasswordText, MayBeAbsent } from '../../common/validation.js';
import { IsNewPassword } from '../../passwords/policy/new-password.js';
import { MailProofDto } from '../mail-proof.dto.js';

export class VerifyEmailDto extends MailProofDto {
  /** The password of the account; required where the account has one, unless `new_password` replaces it. */
  @ApiPropertyOptional({ format: 'password', example: 'seven green bicycles' })
  @MayBeAbsent()
  @IsPasswordText()
  password?: string;

  /** A new password in place of one that the reader of the mail does not know. 8 to 256 characters. */
  @ApiPropertyOptional({ format: 'password', minLength: 8, maxLength: 256, example: 'nine purple umbrellas' })
  @MayBeAbsent()
  @IsNewPassword('email')
  @Excludes('password')
  new_password?: string;
}
