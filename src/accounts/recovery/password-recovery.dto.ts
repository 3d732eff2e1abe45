import { ApiProperty } from '@nestjs/swagger';
import { IsNewPassword } from '../../passwords/policy/new-password.js';
import { MailProofDto } from '../mail-proof.dto.js';

export class ResetPasswordDto extends MailProofDto {
  /** 8 to 256 characters; the commonest passwords are refused. */
  @ApiProperty({ format: 'password', minLength: 8, maxLength: 256, example: 'seven green bicycles' })
  @IsNewPassword('email')
  password: string;
}
