import { ApiProperty } from '@nestjs/swagger';
import { IsEmailAddress } from '../../common/validation.js';
import { IsNewPassword } from '../../passwords/policy/new-password.js';
import { MailProofDto } from '../mail-proof.dto.js';

export class RecoverPasswordDto {
  @ApiProperty({ format: 'email', maxLength: 254, example: 'alice@example.com' })
  @IsEmailAddress()
  email: string;
}

export class ResetPasswordDto extends MailProofDto {
  /** 8 to 256 characters; the commonest passwords are refused. */
  @ApiProperty({ format: 'password', minLength: 8, maxLength: 256, example: 'seven green bicycles' })
  @IsNewPassword('email')
  password: string;
}
