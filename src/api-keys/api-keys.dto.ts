import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { ArrayNotEmpty, IsBoolean, IsInt, IsString, Max, MaxLength, Min } from 'class-validator';
import { AUDIENCE, IsTexts, SCOPE } from '../clients/clients.dto.js';
import { IsText, MayBeAbsent } from '../common/validation.js';
import { IsCurrentPassword } from '../users/users.dto.js';

const DAY = 86_400;

class NewKeyDto {
  /** The purpose of the key, for readers of the list. */
  @ApiProperty({ maxLength: 100, example: 'Nightly export' })
  @IsText({ max: 100 })
  name: string;

  /** The scopes of the key; none where this is absent. */
  @IsTexts(SCOPE, '$property must be scopes such as orders:read', ['orders:read'])
  scopes?: string[];
}

export class CreatePersonalTokenDto extends NewKeyDto {
  /** Whether services see the roles that you have, but for `admin`. */
  @ApiPropertyOptional({ default: false })
  @MayBeAbsent()
  @IsBoolean()
  with_roles?: boolean;

  /** Seconds until it expires: 90 days by default, a year at most. */
  @ApiPropertyOptional({ type: 'integer', minimum: 60, maximum: 365 * DAY, default: 90 * DAY })
  @IsInt()
  @Min(60)
  @Max(365 * DAY)
  expires_in: number = 90 * DAY;

  @IsCurrentPassword()
  current_password?: string;
}

export class CreateClientKeyDto extends NewKeyDto {
  /** The audiences of the key; the first audience of the service account where this is absent. */
  @IsTexts(AUDIENCE, '$property must be audiences such as api', ['api'])
  @ArrayNotEmpty()
  audiences?: string[];

  /** Seconds until it expires. Absent: it is valid until it is deleted. */
  @ApiPropertyOptional({ type: 'integer', minimum: 60, maximum: 3650 * DAY, example: 365 * DAY })
  @MayBeAbsent()
  @IsInt()
  @Min(60)
  @Max(3650 * DAY)
  expires_in?: number;
}

export class LeakedKeyDto {
  /** The whole key. */
  @ApiProperty({ example: 'cs_pat_…' })
  @IsString()
  @MaxLength(4000)
  api_key: string;
}
