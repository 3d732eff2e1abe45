import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayNotEmpty,
  IsArray,
  IsIn,
  IsOptional,
  IsString,
  Matches,
  MaxLength,
  ValidateNested,
} from 'class-validator';
import { IgnoresUnknown, IsText, MayBeAbsent } from '../../common/validation.js';
import { DELIVERY_METHODS, type Delivery } from '../delivery/delivery.service.js';
import { EVENTS_SUPPORTED, SESSION_REVOKED } from '../events/security-event.js';
import { STREAM_STATUSES, type StreamStatus } from './stream.entity.js';

export const EXAMPLE_STREAM_ID = '0199f3a0-5c1e-7c3a-9f64-2f6f3c1d8b7a';

export class DeliveryDto {
  /** Push (RFC 8935) or poll (RFC 8936). */
  @ApiProperty({ enum: Object.values(DELIVERY_METHODS) })
  @IsIn(Object.values(DELIVERY_METHODS))
  method: Delivery['method'];

  /** The URL to push to. For poll this service sets it, and ignores it here. */
  @ApiPropertyOptional({
    type: 'string',
    nullable: true,
    format: 'uri',
    example: 'https://receiver.example.com/events',
  })
  @IsOptional()
  @IsText({ max: 2000 })
  endpoint_url?: string | null;

  /** The `Authorization` header of every push. It is never shown again. Absent beside the same `method` and `endpoint_url`: it stays. Null: none from now on, or for poll a new secret. */
  @ApiPropertyOptional({ type: 'string', nullable: true, example: 'Bearer 7Yk3nq0Zw' })
  @IsOptional()
  @Matches(/^[\x21-\x7e](?:[\x20-\x7e]{0,1022}[\x21-\x7e])?$/, {
    message: '$property must be the value of a header: 1 to 1024 visible ASCII characters',
  })
  authorization_header?: string | null;
}

const SIGNING_ALGS = ['ES256', 'RS256'] as const;

class ReceiverSuppliedDto {
  @ApiPropertyOptional({ type: DeliveryDto })
  @MayBeAbsent()
  @ValidateNested()
  @Type(() => DeliveryDto)
  delivery?: DeliveryDto;

  /** The signing algorithm of the events: `RS256`, or that of access tokens. Absent: the latter, and `RS256` for a service account. */
  @ApiPropertyOptional({ enum: SIGNING_ALGS })
  @MayBeAbsent()
  @IsIn(SIGNING_ALGS)
  signing_alg?: (typeof SIGNING_ALGS)[number];

  /** The events that the receiver wants; unknown ones are ignored. Absent: all. */
  @ApiPropertyOptional({ type: [String], example: [SESSION_REVOKED] })
  @MayBeAbsent()
  @IsArray()
  @ArrayNotEmpty()
  @ArrayMaxSize(100)
  @IsString({ each: true })
  @MaxLength(200, { each: true })
  events_requested?: string[];

  @ApiPropertyOptional({ type: 'string', nullable: true, maxLength: 200 })
  @IsOptional()
  @IsText({ max: 200 })
  description?: string | null;
}

@IgnoresUnknown()
export class CreateStreamDto extends ReceiverSuppliedDto {
  /** The audience (`aud`) of the events. Absent: the id of the stream. For a service account it is always its own id. */
  @ApiPropertyOptional({ example: 'https://receiver.example.com' })
  @MayBeAbsent()
  @IsText({ max: 200 })
  aud?: string;
}

/** Members that only this service sets may be repeated unchanged (SSF 1.0 sections 8.1.1.3, 8.1.1.4). */
@IgnoresUnknown()
export class UpdateStreamDto extends ReceiverSuppliedDto {
  @ApiProperty({ format: 'uuid', example: EXAMPLE_STREAM_ID })
  @IsString()
  stream_id: string;

  @IsOptional()
  @ApiPropertyOptional({ type: 'string' })
  iss?: unknown;

  @IsOptional()
  @ApiPropertyOptional({ type: 'string' })
  aud?: unknown;

  @IsOptional()
  @ApiPropertyOptional({ type: [String], example: EVENTS_SUPPORTED })
  events_supported?: unknown;

  @IsOptional()
  @ApiPropertyOptional({ type: [String] })
  events_delivered?: unknown;

  @IsOptional()
  @ApiPropertyOptional({ type: 'integer' })
  min_verification_interval?: unknown;

  @IsOptional()
  @ApiPropertyOptional({ type: 'integer' })
  dropped_events?: unknown;
}

@IgnoresUnknown()
export class ReadStreamDto {
  /** Absent: all streams, as a list. */
  @ApiPropertyOptional({ format: 'uuid', example: EXAMPLE_STREAM_ID })
  @MayBeAbsent()
  @IsString()
  stream_id?: string;
}

@IgnoresUnknown()
export class StreamIdDto {
  @ApiProperty({ format: 'uuid', example: EXAMPLE_STREAM_ID })
  @IsString()
  stream_id: string;
}

@IgnoresUnknown()
export class StreamStatusDto extends StreamIdDto {
  /** `paused` holds events back, `disabled` has none. */
  @ApiProperty({ enum: STREAM_STATUSES })
  @IsIn(STREAM_STATUSES)
  status: StreamStatus;

  @ApiPropertyOptional({ maxLength: 200 })
  @MayBeAbsent()
  @IsText({ max: 200 })
  reason?: string;
}

@IgnoresUnknown()
export class VerificationDto extends StreamIdDto {
  /** A value that the event repeats. */
  @ApiPropertyOptional({ maxLength: 500 })
  @MayBeAbsent()
  @IsText({ max: 500 })
  state?: string;
}
