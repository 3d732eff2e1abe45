import { Body, Controller, Delete, Get, HttpCode, Param, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { CLIENT_ID } from '../clients/client-credential.js';
import { ClientsService } from '../clients/clients.service.js';
import { Roles } from '../common/access.decorators.js';
import { AuditedRead } from '../audit/audited-read.interceptor.js';
import { ApiProblems } from '../common/api.decorators.js';
import { IdPipe } from '../common/id.pipe.js';
import { UuidPipe } from '../common/uuid.pipe.js';
import { Cause } from '../platform/context/cause.decorator.js';
import { ChangeContext } from '../platform/context/change-context.js';
import { Revokes } from '../revocation/revocation-receipt.interceptor.js';
import { UsersService } from '../users/users.service.js';
import { KEY_ID } from './api-key.js';
import { ApiKeyRevocations } from './api-key-revocations.js';
import { CreateClientKeyDto } from './api-keys.dto.js';
import { ApiKeysService } from './api-keys.service.js';
import { ApiKeysView, NewApiKeyView } from './api-keys.view.js';
import { ofClient, personal } from './key-owner.js';

const CLIENT = new IdPipe(CLIENT_ID);
const KEY = new IdPipe(KEY_ID);

@ApiTags('Service accounts')
@Roles('admin')
@Controller('clients/:id/api-keys')
export class ClientKeysController {
  constructor(
    private readonly keys: ApiKeysService,
    private readonly revocations: ApiKeyRevocations,
    private readonly clients: ClientsService,
  ) {}

  /** The API keys of a service account, without themselves. */
  @Get()
  @ApiProblems('not_found')
  async list(@Param('id', CLIENT) id: string): Promise<ApiKeysView> {
    const client = await this.clients.get(id);
    return ApiKeysView.of(await this.keys.list(ofClient(client.id)));
  }

  /** Create an API key, with scopes and audiences of the service account. */
  @Post()
  @ApiProblems('invalid_request', 'not_found', 'too_many_api_keys')
  async create(
    @Param('id', CLIENT) id: string,
    @Body() body: CreateClientKeyDto,
    @Cause() cause: ChangeContext,
  ): Promise<NewApiKeyView> {
    const { name, scopes = [], audiences, expires_in: lifetime = null } = body;
    return NewApiKeyView.ofNew(await this.keys.create(ofClient(id), { name, scopes, audiences, lifetime }, cause));
  }

  /** Delete an API key, and refuse the access tokens that it was exchanged for. */
  @Delete(':key_id')
  @HttpCode(204)
  @Revokes()
  @ApiProblems('not_found')
  async delete(
    @Param('id', CLIENT) id: string,
    @Param('key_id', KEY) keyId: string,
    @Cause() cause: ChangeContext,
  ): Promise<void> {
    await this.revocations.delete(ofClient(id), keyId, cause);
  }
}

@ApiTags('User administration')
@Roles('admin')
@Controller('users/:id/api-keys')
export class UserKeysController {
  constructor(
    private readonly keys: ApiKeysService,
    private readonly revocations: ApiKeyRevocations,
    private readonly users: UsersService,
  ) {}

  /** The personal access tokens of a user, without themselves. */
  @Get()
  @AuditedRead('user.read')
  @ApiProblems('not_found')
  async list(@Param('id', UuidPipe) id: string): Promise<ApiKeysView> {
    const user = await this.users.get(id);
    return ApiKeysView.of(await this.keys.list(personal(user.id)));
  }

  /** Delete a personal access token of a user, and refuse the access tokens that it was exchanged for. */
  @Delete(':key_id')
  @HttpCode(204)
  @Revokes()
  @ApiProblems('not_found')
  async delete(
    @Param('id', UuidPipe) id: string,
    @Param('key_id', KEY) keyId: string,
    @Cause() cause: ChangeContext,
  ): Promise<void> {
    await this.revocations.delete(personal(id), keyId, cause);
  }
}
