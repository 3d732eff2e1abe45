import { isDeepStrictEqual } from 'node:util';
import { Body, Controller, Delete, Get, HttpCode, Patch, Post, Put, Query } from '@nestjs/common';
import { ApiExtraModels, ApiOkResponse, ApiTags, getSchemaPath } from '@nestjs/swagger';
import { Roles, Scopes } from '../../common/access.decorators.js';
import { ApiExamples, ApiProblems } from '../../common/api.decorators.js';
import { AppError, invalidField } from '../../common/errors.js';
import { SCOPES } from '../../common/scopes.js';
import { Cause } from '../../platform/context/cause.decorator.js';
import { ChangeContext } from '../../platform/context/change-context.js';
import { Config } from '../../platform/config/config.js';
import { TakesLong } from '../../platform/http/answer-limit.js';
import { DELIVERY_METHODS } from '../delivery/delivery.service.js';
import { SESSION_REVOKED } from '../events/security-event.js';
import { SetSigner } from '../events/set-signer.js';
import { Owner } from './stream-owner.js';
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
import { StreamsService, type ConfiguredStream, type StreamOwner, type StreamSettings } from './streams.service.js';
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
@Scopes(SCOPES.manageSignals)
@Controller('shared-signals')
export class StreamsController {
  constructor(
    private readonly config: Config,
    private readonly streams: StreamsService,
    private readonly signer: SetSigner,
  ) {}

  /** Create a stream of security events (SSF 1.0 section 8.1.1.1). */
  @Post('streams')
  @ApiProblems('invalid_request', 'too_many_streams')
  async create(
    @Body() settings: CreateStreamDto,
    @Owner() owner: StreamOwner,
    @Cause() cause: ChangeContext,
  ): Promise<StreamView> {
    if (owner !== null && settings.aud !== undefined && settings.aud !== owner) throw cannotBeChanged(['aud']);
    return this.view(await this.streams.create({ ...this.settingsOf(settings), audience: settings.aud }, owner, cause));
  }

  /** Read one stream, or all as a list. */
  @Get('streams')
  @Scopes(SCOPES.readSignals, SCOPES.manageSignals)
  @ApiExtraModels(StreamView)
  @ApiOkResponse({
    schema: {
      oneOf: [{ $ref: getSchemaPath(StreamView) }, { type: 'array', items: { $ref: getSchemaPath(StreamView) } }],
    },
  })
  @ApiProblems('invalid_request', 'not_found')
  async read(
    @Query() { stream_id: id }: ReadStreamDto,
    @Owner() owner: StreamOwner,
  ): Promise<StreamView | StreamView[]> {
    if (id !== undefined) return StreamView.of(await this.streams.get(id, owner), this.config);
    return (await this.streams.list(owner)).map((stream) => StreamView.of(stream, this.config));
  }

  /** Change a stream. Absent members stay, and so does the secret of a delivery that is repeated as it is shown. */
  @Patch('streams')
  @ApiExamples(UpdateStreamDto, CHANGED_STREAMS)
  @ApiProblems('invalid_request', 'not_found')
  async update(
    @Body() changes: UpdateStreamDto,
    @Owner() owner: StreamOwner,
    @Cause() cause: ChangeContext,
  ): Promise<StreamView> {
    await this.refuseOtherValues(changes, owner);
    return this.view(await this.streams.update(changes.stream_id, this.settingsOf(changes), owner, cause));
  }

  /** Replace the configuration of a stream. Absent members are as in a new stream (SSF 1.0 section 8.1.1.4). */
  @Put('streams')
  @ApiExamples(UpdateStreamDto, CHANGED_STREAMS)
  @ApiProblems('invalid_request', 'not_found')
  async replace(
    @Body() settings: UpdateStreamDto,
    @Owner() owner: StreamOwner,
    @Cause() cause: ChangeContext,
  ): Promise<StreamView> {
    await this.refuseOtherValues(settings, owner);
    return this.view(await this.streams.replace(settings.stream_id, this.settingsOf(settings), owner, cause));
  }

  /** Delete a stream, and the events that wait for its receiver. */
  @Delete('streams')
  @TakesLong()
  @HttpCode(204)
  @ApiProblems('invalid_request', 'not_found')
  async delete(
    @Query() { stream_id: id }: StreamIdDto,
    @Owner() owner: StreamOwner,
    @Cause() cause: ChangeContext,
  ): Promise<void> {
    await this.streams.delete(id, owner, cause);
  }

  /** Get the status of a stream, and its reason. */
  @Get('status')
  @Scopes(SCOPES.readSignals, SCOPES.manageSignals)
  @ApiProblems('invalid_request', 'not_found')
  async status(@Query() { stream_id: id }: StreamIdDto, @Owner() owner: StreamOwner): Promise<StreamStatusView> {
    return StreamStatusView.of(await this.streams.get(id, owner));
  }

  /** Enable, pause or disable a stream. Its receiver gets an event about it. */
  @Post('status')
  @TakesLong()
  @HttpCode(200)
  @ApiProblems('invalid_request', 'not_found')
  async setStatus(
    @Body() { stream_id: id, status, reason }: StreamStatusDto,
    @Owner() owner: StreamOwner,
    @Cause() cause: ChangeContext,
  ): Promise<StreamStatusView> {
    return StreamStatusView.of(await this.streams.setStatus(id, status, reason ?? null, owner, cause));
  }

  /** Send a verification event to the receiver (SSF 1.0 section 8.1.4). */
  @Post('verification')
  @HttpCode(204)
  @ApiProblems('invalid_request', 'not_found', 'rate_limited')
  async verify(@Body() { stream_id: id, state }: VerificationDto, @Owner() owner: StreamOwner): Promise<void> {
    await this.streams.verify(id, state, owner);
  }

  // SSF 1.0 section 8.1.1.3: members that only this service sets may be repeated, but not changed.
  private async refuseOtherValues(changes: UpdateStreamDto, owner: StreamOwner): Promise<void> {
    const shown = StreamView.of(await this.streams.get(changes.stream_id, owner), this.config);
    const wrong = OURS.filter((name) => changes[name] !== undefined && !isDeepStrictEqual(changes[name], shown[name]));
    if (wrong.length > 0) throw cannotBeChanged(wrong);
  }

  private async view({ stream, pollSecret }: ConfiguredStream): Promise<StreamView> {
    await this.signer.prepare(stream);
    return StreamView.of(stream, this.config, pollSecret);
  }

  private settingsOf(given: CreateStreamDto | UpdateStreamDto): StreamSettings {
    const { delivery, signing_alg: alg, events_requested, description } = given;
    const { signingAlgorithm } = this.config;
    if (alg !== undefined && alg !== 'RS256' && alg !== signingAlgorithm) {
      const message = `signing_alg must be RS256, since access tokens are signed in ${signingAlgorithm}`;
      throw invalidField('signing_alg', 'signing_alg', message);
    }
    return {
      delivery: delivery && deliveryOf(delivery),
      signingAlg: alg === 'ES256' ? null : alg,
      eventsRequested: events_requested,
      description,
    };
  }
}

const deliveryOf = ({ method, endpoint_url, authorization_header }: DeliveryDto) => ({
  method,
  endpointUrl: endpoint_url,
  authorizationHeader: authorization_header,
});

const cannotBeChanged = (fields: readonly string[]): AppError =>
  new AppError('invalid_request', {
    errors: fields.map((field) => ({ field, code: 'transmitter_supplied', message: `${field} cannot be changed` })),
  });
