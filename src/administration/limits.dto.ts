import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsIP, IsUUID } from 'class-validator';
import { MayBeAbsent } from '../common/validation.js';

/** The user or the network whose limits are requested. */
export class LimitsDto {
  /** A user: the limits of the account, by id and by e-mail address. */
  @ApiPropertyOptional({ format: 'uuid' })
  @MayBeAbsent()
  @IsUUID('all', { message: '$property must be the id of a user' })
  user_id?: string;

  /** An IP address: the limits of its network, which for IPv6 is the /64, and of its site: the /24, for IPv6 the /48. */
  @ApiPropertyOptional({ example: '203.0.113.7' })
  @MayBeAbsent()
  @IsIP(undefined, { message: '$property must be an IP address' })
  client_address?: string;
}
