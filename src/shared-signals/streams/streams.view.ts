import { ApiProperty } from '@nestjs/swagger';
import type { Config } from '../../platform/config/config.js';
import { DELIVERY_METHODS } from '../delivery/delivery.service.js';
import { EVENTS_SUPPORTED, SESSION_REVOKED } from '../events/security-event.js';
import { signingAlgOf, STREAM_STATUSES, type SignalStream, type StreamStatus } from './stream.entity.js';
import { MIN_VERIFICATION_INTERVAL } from './streams.service.js';

export class DeliveryView {
  @ApiProperty({ enum: Object.values(DELIVERY_METHODS) })
  method: string;

  @ApiProperty({ format: 'uri', example: 'https://receiver.example.com/events' })
  endpoint_url: string;

  /** The header that a receiver that polls has to send. Only the answer that creates the secret contains it. */
  @ApiProperty({ required: false, example: 'Bearer css_…' })
  authorization_header?: string;
}

/** A stream's configuration (SSF 1.0 section 8.1.1). */
export class StreamView {
  @ApiProperty({ format: 'uuid' })
  stream_id: string;

  @ApiProperty({ format: 'uri', example: 'https://auth.example.com' })
  iss: string;

  /** @example https://receiver.example.com */
  aud: string;

  delivery: DeliveryView;

  /** The signing algorithm of its events. */
  @ApiProperty({ enum: ['ES256', 'RS256'] })
  signing_alg: string;

  @ApiProperty({ type: [String], example: EVENTS_SUPPORTED })
  events_supported: string[];

  @ApiProperty({ type: [String], example: [SESSION_REVOKED] })
  events_requested: string[];

  /** The events that the receiver gets: the supported among the requested. */
  @ApiProperty({ type: [String], example: [SESSION_REVOKED] })
  events_delivered: string[];

  @ApiProperty({ required: false })
  description?: string;

  /** Seconds. */
  @ApiProperty({ type: 'integer', example: MIN_VERIFICATION_INTERVAL })
  min_verification_interval: number;

  /** Events that never reached the receiver, because they were older than 7 days or too many. */
  @ApiProperty({ type: 'integer', example: 0 })
  dropped_events: number;

  static of(stream: SignalStream, config: Config, pollSecret: string | null = null): StreamView {
    const { publicUrl: issuer, signingAlgorithm } = config;
    return {
      stream_id: stream.id,
      iss: issuer,
      aud: stream.audience,
      delivery: {
        method: DELIVERY_METHODS[stream.method],
        endpoint_url: stream.endpointUrl ?? `${issuer}/shared-signals/streams/${stream.id}/poll`,
        ...(pollSecret && { authorization_header: `Bearer ${pollSecret}` }),
      },
      signing_alg: signingAlgOf(stream, signingAlgorithm),
      events_supported: [...EVENTS_SUPPORTED],
      events_requested: stream.eventsRequested,
      events_delivered: EVENTS_SUPPORTED.filter((type) => stream.eventsRequested.includes(type)),
      ...(stream.description !== null && { description: stream.description }),
      min_verification_interval: MIN_VERIFICATION_INTERVAL,
      dropped_events: Number(stream.dropped),
    };
  }
}

/** SSF 1.0 section 8.1.2.1. */
export class StreamStatusView {
  @ApiProperty({ format: 'uuid' })
  stream_id: string;

  @ApiProperty({ enum: STREAM_STATUSES })
  status: StreamStatus;

  /** The reason, where an administrator has given one, or the service has paused the stream. */
  @ApiProperty({ required: false })
  reason?: string;

  static of({ id, status, reason }: SignalStream): StreamStatusView {
    return { stream_id: id, status, ...(reason !== null && { reason }) };
  }
}
