import { ApiProperty } from '@nestjs/swagger';

/** The answer to a poll (RFC 8936 2.3). */
export class PollView {
  /** Security Event Tokens by their `jti`. */
  @ApiProperty({ type: 'object', additionalProperties: { type: 'string' } })
  sets: Record<string, string>;

  /** Whether more events wait. */
  @ApiProperty({ required: false })
  moreAvailable?: boolean;
}
