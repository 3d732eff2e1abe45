import { isDeepStrictEqual } from 'node:util';
import { Body, Controller, Delete, Get, HttpCode, Patch, Post, Put, Query } from '@nestjs/common';
import { ApiExtraModels, ApiOkResponse, ApiTags, getSchemaPath } from '@nestjs/swagger';
import { Roles } from '../common/access.decorators.js';
import { ApiExamples, ApiProblems } from '../common/api.decorators.js';
import { AppError } from '../common/errors.js';
import { Config } from '../platform/config/config.js';
import { DELIVERY_METHODS } from './delivery.service.js';
import { SESSION_REVOKED } from './security-event.js';
import {
  CreateStreamDto,
  ReadStreamDto,
  EXAMPLE_STREAM_ID,
  StreamIdDto,
  StreamStatusDto,
  UpdateStreamDto,
  VerificationDto,
  type DeliveryDto,
} from './streams.dto.js';
import { StreamsService, type ConfiguredStream, type StreamSettings } from './streams.service.js';
import { StreamStatusView, StreamView } from './streams.view.js';

const CHANGED_STREAMS = {
  'what it wants to hear': { stream_id: EXAMPLE_STREAM_ID, events_requested: [SESSION_REVOKED] },
  'where to push': {
    stream_id: EXAMPLE_STREAM_ID,
    delivery: { method: DELIVERY_METHODS.push, endpoint_url: 'https://receiver.example.com/events' },
  },
  'poll from now on': { stream_id: EXAMPLE_STREAM_ID, delivery: { method: DELIVERY_METHODS.poll } },
};

const OURS = ['iss', 'aud', 'events_supported', 'events_delivered', 'min_verification_interval'] as const;

@ApiTags('Shared signals')
@Roles('admin')
@Controller('shared-signals')
export class StreamsController {
  constructor(
    private readonly config: Config,
    private readonly streams: StreamsService,
  ) {}

  /** Create a stream of security events (SSF 1.0 section 8.1.1.1). */
  @Post('streams')
  @ApiProblems('invalid_request', 'no_public_keys', 'too_many_streams')
  async create(@Body() settings: CreateStreamDto): Promise<StreamView> {
    if (this.config.signingAlgorithm === 'HS256') throw new AppError('no_public_keys');
    return this.view(await this.streams.create({ ...settingsOf(settings), audience: settings.aud }));
  }

  /** Read one stream, or all as a list. */
  @Get('streams')
  @ApiExtraModels(StreamView)
  @ApiOkResponse({
    schema: {
      oneOf: [{ $ref: getSchemaPath(StreamView) }, { type: 'array', items: { $ref: getSchemaPath(StreamView) } }],
    },
  })
  @ApiProblems('invalid_request', 'not_found')
  async read(@Query() { stream_id: id }: ReadStreamDto): Promise<StreamView | StreamView[]> {
    const { publicUrl } = this.config;
    if (id !== undefined) return StreamView.of(await this.streams.get(id), publicUrl);
    return (await this.streams.list()).map((stream) => StreamView.of(stream, publicUrl));
  }

  /** Change a stream. What is absent stays, and so does the secret of a delivery that is repeated as it is shown. */
  @Patch('streams')
  @ApiExamples(UpdateStreamDto, CHANGED_STREAMS)
  @ApiProblems('invalid_request', 'not_found')
  async update(@Body() changes: UpdateStreamDto): Promise<StreamView> {
    await this.refuseOtherValues(changes);
    return this.view(await this.streams.update(changes.stream_id, settingsOf(changes)));
  }

  /** Replace the configuration of a stream: what is absent is as in a new stream (SSF 1.0 section 8.1.1.4). */
  @Put('streams')
  @ApiExamples(UpdateStreamDto, CHANGED_STREAMS)
  @ApiProblems('invalid_request', 'not_found')
  async replace(@Body() settings: UpdateStreamDto): Promise<StreamView> {
    await this.refuseOtherValues(settings);
    return this.view(await this.streams.replace(settings.stream_id, settingsOf(settings)));
  }

  /** Delete a stream, and what waits for its receiver. */
  @Delete('streams')
  @HttpCode(204)
  @ApiProblems('invalid_request', 'not_found')
  async delete(@Query() { stream_id: id }: StreamIdDto): Promise<void> {
    await this.streams.delete(id);
  }

  /** The status of a stream, and why. */
  @Get('status')
  @ApiProblems('invalid_request', 'not_found')
  async status(@Query() { stream_id: id }: StreamIdDto): Promise<StreamStatusView> {
    return StreamStatusView.of(await this.streams.get(id));
  }

  /** Enable, pause or disable a stream. Its receiver is told. */
  @Post('status')
  @HttpCode(200)
  @ApiProblems('invalid_request', 'not_found')
  async setStatus(@Body() { stream_id: id, status, reason }: StreamStatusDto): Promise<StreamStatusView> {
    return StreamStatusView.of(await this.streams.setStatus(id, status, reason ?? null));
  }

  /** Send a verification event to the receiver (SSF 1.0 section 8.1.4). */
  @Post('verification')
  @HttpCode(204)
  @ApiProblems('invalid_request', 'not_found', 'rate_limited')
  async verify(@Body() { stream_id: id, state }: VerificationDto): Promise<void> {
    await this.streams.verify(id, state);
  }

  // SSF 1.0 section 8.1.1.3: what is ours to say may be repeated, but not changed.
  private async refuseOtherValues(changes: UpdateStreamDto): Promise<void> {
    const shown = StreamView.of(await this.streams.get(changes.stream_id), this.config.publicUrl);
    const wrong = OURS.filter((name) => changes[name] !== undefined && !isDeepStrictEqual(changes[name], shown[name]));
    if (wrong.length === 0) return;
    throw new AppError('invalid_request', {
      errors: wrong.map((field) => ({ field, code: 'transmitter_supplied', message: `${field} cannot be changed` })),
    });
  }

  private view({ stream, pollSecret }: ConfiguredStream): StreamView {
    return StreamView.of(stream, this.config.publicUrl, pollSecret);
  }
}

function settingsOf({ delivery, events_requested, description }: CreateStreamDto | UpdateStreamDto): StreamSettings {
  return { delivery: delivery && deliveryOf(delivery), eventsRequested: events_requested, description };
}

const deliveryOf = ({ method, endpoint_url, authorization_header }: DeliveryDto) => ({
  method,
  endpointUrl: endpoint_url,
  authorizationHeader: authorization_header,
});
