import { Body, Controller, Delete, Get, HttpCode, Param, Post, Req } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { CurrentPrincipal, Public, RecentSignIn, RECENT_SIGN_IN_PROBLEMS } from '../common/access.decorators.js';
import { ApiProblems } from '../common/api.decorators.js';
import { IdPipe } from '../common/id.pipe.js';
import { networkOf } from '../common/network.js';
import type { Person } from '../common/principal.js';
import { clientAddressOf } from '../platform/http/request/client-address.js';
import { Cause } from '../platform/context/cause.decorator.js';
import { ChangeContext } from '../platform/context/change-context.js';
import { policyOf } from '../platform/rate-limit/policy.js';
import { RateLimiter } from '../platform/rate-limit/rate-limiter.js';
import { Revokes } from '../revocation/revocation-receipt.interceptor.js';
import { KEY_ID } from './api-key.js';
import { ApiKeyRevocations } from './api-key-revocations.js';
import { CreatePersonalTokenDto, LeakedKeyDto } from './api-keys.dto.js';
import { ApiKeysService } from './api-keys.service.js';
import { ApiKeysView, NewApiKeyView } from './api-keys.view.js';
import { personal } from './key-owner.js';

const KEY = new IdPipe(KEY_ID);
const LEAKS = policyOf({ name: 'leaked-api-key', counts: 'network', attempts: 100, window: 5 * 60 });

@ApiTags('API keys')
@Controller('api-keys')
export class PersonalTokensController {
  constructor(
    private readonly keys: ApiKeysService,
    private readonly revocations: ApiKeyRevocations,
    private readonly limiter: RateLimiter,
  ) {}

  /** Your personal access tokens, without themselves. */
  @Get()
  async list(@CurrentPrincipal() { subject }: Person): Promise<ApiKeysView> {
    return ApiKeysView.of(await this.keys.list(personal(subject)));
  }

  /** Create a personal access token, for programs that call services in your name. */
  @Post()
  @RecentSignIn()
  @ApiProblems('invalid_request', 'not_found', 'too_many_api_keys', ...RECENT_SIGN_IN_PROBLEMS)
  async create(
    @CurrentPrincipal() { subject }: Person,
    @Body() { name, scopes = [], with_roles: withRoles, expires_in: lifetime }: CreatePersonalTokenDto,
    @Cause() cause: ChangeContext,
  ): Promise<NewApiKeyView> {
    return NewApiKeyView.ofNew(await this.keys.create(personal(subject), { name, scopes, withRoles, lifetime }, cause));
  }

  /**
   * Delete a key that was found where it should not be, by showing it.
   * @remarks A personal access token, or an API key of a service account. The answer is the same for what is no key.
   */
  @Post('revoke-leaked')
  @Public()
  @HttpCode(204)
  @ApiProblems('invalid_request', 'rate_limited', 'unavailable')
  async revokeLeaked(
    @Body() { api_key: text }: LeakedKeyDto,
    @Req() request: FastifyRequest,
    @Cause() cause: ChangeContext,
  ): Promise<void> {
    await this.limiter.consume(LEAKS, networkOf(clientAddressOf(request)));
    await this.revocations.deleteLeaked(text, cause);
  }

  /** Delete a personal access token, and refuse the access tokens that it was exchanged for. */
  @Delete(':id')
  @HttpCode(204)
  @Revokes()
  @ApiProblems('not_found')
  async delete(
    @CurrentPrincipal() { subject }: Person,
    @Param('id', KEY) id: string,
    @Cause() cause: ChangeContext,
  ): Promise<void> {
    await this.revocations.delete(personal(subject), id, cause);
  }
}
