import { ApiProperty } from '@nestjs/swagger';
import { IsText } from '../../common/validation.js';
import { IsCurrentPassword } from '../../users/users.dto.js';
import { AddressDto } from '../address.dto.js';

export class ChangeEmailDto extends AddressDto {
  @IsCurrentPassword()
  current_password?: string;
}

export class LinkDto {
  /** Of the link in the mail. */
  @ApiProperty({ example: 'cso_C29jbnRlcnNpZ25jb3VudGVyc2lnbmNvdW50ZXJzaWc' })
  @IsText({ max: 64 })
  token: string;
}
