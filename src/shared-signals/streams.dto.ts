import { applyDecorators } from '@nestjs/common';
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayNotEmpty,
  IsArray,
  IsIn,
  IsOptional,
  IsString,
  IsUUID,
  Matches,
  MaxLength,
  ValidateNested,
} from 'class-validator';
import { IsText, MayBeAbsent } from '../common/validation.js';
import { DELIVERY_METHODS, type Delivery } from './delivery.service.js';
import { EVENTS_SUPPORTED, SESSION_REVOKED } from './security-event.js';
import { STREAM_STATUSES, type StreamStatus } from './stream.entity.js';

export const EXAMPLE_STREAM_ID = '0199f3a0-5c1e-7c3a-9f64-2f6f3c1d8b7a';

const IsStreamId = () => applyDecorators(ApiProperty({ format: 'uuid', example: EXAMPLE_STREAM_ID }), IsUUID());

export class DeliveryDto {
  /** Push (RFC 8935) or poll (RFC 8936). */
  @ApiProperty({ enum: Object.values(DELIVERY_METHODS) })
  @IsIn(Object.values(DELIVERY_METHODS))
  method: Delivery['method'];

  /** Where to push. For poll it is ours to say. */
  @ApiPropertyOptional({ format: 'uri', example: 'https://receiver.example.com/events' })
  @MayBeAbsent()
  @IsText({ max: 2000 })
  endpoint_url?: string;

  /** What to send as `Authorization` with every push. It is never shown again. */
  @ApiPropertyOptional({ example: 'Bearer 7Yk3…' })
  @MayBeAbsent()
  @Matches(/^[\x21-\x7e](?:[\x20-\x7e]{0,1022}[\x21-\x7e])?$/, {
    message: '$property must be the value of a header: 1 to 1024 visible ASCII characters',
  })
  authorization_header?: string;
}

class ReceiverSuppliedDto {
  @ApiPropertyOptional({ type: DeliveryDto })
  @MayBeAbsent()
  @ValidateNested()
  @Type(() => DeliveryDto)
  delivery?: DeliveryDto;

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

export class CreateStreamDto extends ReceiverSuppliedDto {
  /** The audience (`aud`) of the events. Absent: the id of the stream. */
  @ApiPropertyOptional({ example: 'https://receiver.example.com' })
  @MayBeAbsent()
  @IsText({ max: 200 })
  aud?: string;
}

/** What is ours to say may be repeated, as it is (SSF 1.0 section 8.1.1.3). */
export class UpdateStreamDto extends ReceiverSuppliedDto {
  @IsStreamId()
  stream_id: string;

  @IsOptional()
  iss?: unknown;

  @IsOptional()
  aud?: unknown;

  @IsOptional()
  @ApiPropertyOptional({ type: [String], example: EVENTS_SUPPORTED })
  events_supported?: unknown;

  @IsOptional()
  @ApiPropertyOptional({ type: [String] })
  events_delivered?: unknown;

  @IsOptional()
  min_verification_interval?: unknown;

  @IsOptional()
  dropped_events?: unknown;
}

export class ReadStreamDto {
  /** Absent: all streams, as a list. */
  @ApiPropertyOptional({ format: 'uuid', example: EXAMPLE_STREAM_ID })
  @MayBeAbsent()
  @IsUUID()
  stream_id?: string;
}

export class StreamIdDto {
  @IsStreamId()
  stream_id: string;
}

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

export class VerificationDto extends StreamIdDto {
  /** Comes back in the event. */
  @ApiPropertyOptional({ maxLength: 500 })
  @MayBeAbsent()
  @IsText({ max: 500 })
  state?: string;
}
