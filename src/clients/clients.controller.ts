import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Roles } from '../common/access.decorators.js';
import { ApiExamples, ApiProblems } from '../common/api.decorators.js';
import { PageDto, pageOf, wholeOf } from '../common/pagination.js';
import { IdPipe } from '../common/id.pipe.js';
import { UuidPipe } from '../common/uuid.pipe.js';
import { Cause } from '../platform/context/cause.decorator.js';
import { ChangeContext } from '../platform/context/change-context.js';
import { Revokes } from '../revocation/revocation-receipt.interceptor.js';
import { CLIENT_ID } from './client-credential.js';
import { ClientsService, type ClientSettings } from './clients.service.js';
import { AddSecretDto, ClientSettingsDto, CreateClientDto, ExpireSecretDto, UpdateClientDto } from './clients.dto.js';
import { CHANGED_CLIENTS, NEW_CLIENTS } from './clients.openapi.js';
import { ClientPage, ClientSecretsView, ClientSecretView, ClientView, NewClientSecretView } from './clients.view.js';

const CLIENT = new IdPipe(CLIENT_ID);

@ApiTags('Service accounts')
@Roles('admin')
@Controller('clients')
export class ClientsController {
  constructor(private readonly clients: ClientsService) {}

  /** List service accounts. */
  @Get()
  @ApiProblems('invalid_request')
  async list(@Query() page: PageDto): Promise<ClientPage> {
    return pageOf(await this.clients.list(page), (client) => ClientView.of(client));
  }

  /**
   * Create a service account, or an application that people sign in to.
   * @remarks A confidential client needs a secret, a public key or a certificate to authenticate.
   */
  @Post()
  @ApiExamples(CreateClientDto, NEW_CLIENTS)
  @ApiProblems('invalid_request')
  async create(@Body() body: CreateClientDto, @Cause() cause: ChangeContext): Promise<ClientView> {
    return ClientView.of(await this.clients.create({ ...settingsOf(body), name: body.name, type: body.type }, cause));
  }

  /** Read a service account. */
  @Get(':id')
  @ApiProblems('not_found')
  async read(@Param('id', CLIENT) id: string): Promise<ClientView> {
    return ClientView.of(await this.clients.get(id));
  }

  /** Change a service account. A change that removes something refuses its current access tokens. */
  @Patch(':id')
  @Revokes()
  @ApiExamples(UpdateClientDto, CHANGED_CLIENTS)
  @ApiProblems('invalid_request', 'not_found')
  async update(
    @Param('id', CLIENT) id: string,
    @Body() body: UpdateClientDto,
    @Cause() cause: ChangeContext,
  ): Promise<ClientView> {
    return ClientView.of(await this.clients.update(id, { ...settingsOf(body), name: body.name }, cause));
  }

  /** Delete a service account, and refuse its access tokens. */
  @Delete(':id')
  @HttpCode(204)
  @Revokes()
  @ApiProblems('not_found')
  async delete(@Param('id', CLIENT) id: string, @Cause() cause: ChangeContext): Promise<void> {
    await this.clients.delete(id, cause);
  }

  /** The secrets of a service account, without themselves. */
  @Get(':id/secrets')
  @ApiProblems('not_found')
  async secrets(@Param('id', CLIENT) id: string): Promise<ClientSecretsView> {
    return pageOf(wholeOf(await this.clients.secretsOf(id)), (secret) => ClientSecretView.of(secret));
  }

  /** Add a secret. Two may be valid at once: deploy the new one, then let the old one expire. */
  @Post(':id/secrets')
  @ApiProblems('invalid_request', 'not_found', 'too_many_secrets', 'client_has_no_secrets')
  async addSecret(
    @Param('id', CLIENT) id: string,
    @Body() body: AddSecretDto,
    @Cause() cause: ChangeContext,
  ): Promise<NewClientSecretView> {
    return NewClientSecretView.ofNew(await this.clients.addSecret(id, body.expires_in ?? null, cause));
  }

  /** Let a secret expire, once its successor is deployed. Existing access tokens stay valid until they expire. */
  @Patch(':id/secrets/:secret_id')
  @ApiProblems('invalid_request', 'not_found')
  async expireSecret(
    @Param('id', CLIENT) id: string,
    @Param('secret_id', UuidPipe) secretId: string,
    @Body() body: ExpireSecretDto,
    @Cause() cause: ChangeContext,
  ): Promise<ClientSecretView> {
    return ClientSecretView.of(await this.clients.expireSecret(id, secretId, body.expires_in, cause));
  }

  /** Delete a secret, and refuse the current access tokens of the service account: a thief may have them. */
  @Delete(':id/secrets/:secret_id')
  @HttpCode(204)
  @Revokes()
  @ApiProblems('not_found')
  async deleteSecret(
    @Param('id', CLIENT) id: string,
    @Param('secret_id', UuidPipe) secretId: string,
    @Cause() cause: ChangeContext,
  ): Promise<void> {
    await this.clients.deleteSecret(id, secretId, cause);
  }
}

const settingsOf = (body: ClientSettingsDto): ClientSettings => ({
  status: body.status,
  grantTypes: body.grant_types,
  scopes: body.scopes,
  audiences: body.audiences,
  servedAudiences: body.served_audiences,
  tokenTtl: body.token_ttl,
  jwks: body.jwks,
  jwksUri: body.jwks_uri,
  tlsSubjectDn: body.tls_subject_dn,
  applicationType: body.application_type,
  firstParty: body.first_party,
  requirePkce: body.require_pkce,
  requirePushedRequests: body.require_pushed_requests,
  redirectUris: body.redirect_uris,
  postLogoutRedirectUris: body.post_logout_redirect_uris,
  backchannelLogoutUri: body.backchannel_logout_uri,
});
