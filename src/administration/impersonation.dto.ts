import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsInt, Max, Min } from 'class-validator';
import { IsText, MayBeAbsent } from '../common/validation.js';
import { ConfirmationDto } from '../users/users.dto.js';

/** Seconds. */
export const LONGEST_IMPERSONATION = 600;
const SHORTEST = 60;

export class ImpersonationDto extends ConfirmationDto {
  /** The reason, for readers of the log: the number of a ticket, for example. */
  @IsText({ max: 200 })
  reason: string;

  /** Seconds that the access token lives; it cannot be refreshed. */
  @ApiPropertyOptional({
    type: 'integer',
    minimum: SHORTEST,
    maximum: LONGEST_IMPERSONATION,
    default: LONGEST_IMPERSONATION,
  })
  @MayBeAbsent()
  @IsInt()
  @Min(SHORTEST)
  @Max(LONGEST_IMPERSONATION)
  expires_in?: number;
}
