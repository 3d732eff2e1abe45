import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Matches } from 'class-validator';
import { IsText, MayBeAbsent } from '../common/validation.js';
import { ConfirmationDto } from '../users/users.dto.js';

const IsCode = (): PropertyDecorator =>
  Matches(/^[0-9]{6}$/, { message: '$property must be the six digits of the app' });

export class AddTotpDto extends ConfirmationDto {
  /** A name of the app or the phone, for you. */
  @ApiPropertyOptional({ maxLength: 60, default: 'Authenticator', example: 'Phone' })
  @MayBeAbsent()
  @IsText({ max: 60 })
  name?: string;
}

export class ConfirmTotpDto {
  @ApiProperty({ pattern: '^[0-9]{6}$', example: '042195' })
  @IsCode()
  code: string;
}

class MfaTokenDto {
  /** The `mfa_token` of the answer to the first step. */
  @ApiProperty({ example: 'cso_C29jbnRlcnNpZ25jb3VudGVyc2lnbmNvdW50ZXJzaWc' })
  @IsText({ max: 64 })
  mfa_token: string;
}

export class TotpSignInDto extends MfaTokenDto {
  @ApiProperty({ pattern: '^[0-9]{6}$', example: '042195' })
  @IsCode()
  code: string;
}

export class RecoveryCodeSignInDto extends MfaTokenDto {
  /** One of the ten codes; hyphens, blanks and letter case do not count. */
  @ApiProperty({ maxLength: 64, example: 'k7mq-3xfa-9wtp-hc2e' })
  @IsText({ max: 64 })
  code: string;
}
