import { ApiProperty } from '@nestjs/swagger';
import { IsEmailAddress } from '../common/validation.js';

export class AddressDto {
  @ApiProperty({ format: 'email', maxLength: 254, example: 'alice@example.com' })
  @IsEmailAddress()
  email: string;
}
