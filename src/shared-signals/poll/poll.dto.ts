import { ApiPropertyOptional } from '@nestjs/swagger';
import { ArrayMaxSize, IsArray, IsBoolean, IsInt, IsObject, IsString, Max, MaxLength, Min } from 'class-validator';
import { IgnoresUnknown, MayBeAbsent } from '../../common/validation.js';

/** A poll (RFC 8936 2.2). */
@IgnoresUnknown()
export class PollDto {
  /** How many events at most; with 0 the request only acknowledges. */
  @ApiPropertyOptional({ type: 'integer', minimum: 0, default: 100 })
  @MayBeAbsent()
  @IsInt()
  @Min(0)
  @Max(2_147_483_647)
  maxEvents?: number;

  /** Whether to answer at once where no event waits, rather than after 20 s. */
  @ApiPropertyOptional({ default: false })
  @MayBeAbsent()
  @IsBoolean()
  returnImmediately?: boolean;

  /** The `jti` of events that were received. */
  @ApiPropertyOptional({ type: [String], example: ['0199f3a0-5c1e-4c3a-9f64-2f6f3c1d8b7a'] })
  @MayBeAbsent()
  @IsArray()
  @ArrayMaxSize(1000)
  @IsString({ each: true })
  @MaxLength(100, { each: true })
  ack?: string[];

  /** Errors of other events, by `jti`. These events are not sent again. */
  @ApiPropertyOptional({
    type: 'object',
    additionalProperties: {
      type: 'object',
      properties: { err: { type: 'string' }, description: { type: 'string' } },
    },
    example: { '0199f3a0-5c1e-4c3a-9f64-2f6f3c1d8b7b': { err: 'invalid_key', description: 'unknown key' } },
  })
  @MayBeAbsent()
  @IsObject()
  setErrs?: Record<string, unknown>;
}
