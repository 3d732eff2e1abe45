import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsOptional, Matches } from 'class-validator';

/** A number of the log, as text; far below the largest integer that a double represents exactly. */
export const SEQ = /^\d{1,15}$/;

export class FeedStreamDto {
  /** The last number of the log that the caller has applied. Without it the stream begins with a snapshot. */
  @ApiPropertyOptional({ type: 'integer', minimum: 0 })
  @IsOptional()
  @Matches(SEQ, { message: '$property must be a number of the log' })
  from?: string;

  /** 16 random bytes in base64url for this connection. `hello` repeats them, so it is no older than the request. */
  @ApiPropertyOptional({ pattern: '^[A-Za-z0-9_-]{1,64}$' })
  @IsOptional()
  @Matches(/^[\w-]{1,64}$/, { message: '$property must be 1 to 64 characters of base64url' })
  nonce?: string;
}
