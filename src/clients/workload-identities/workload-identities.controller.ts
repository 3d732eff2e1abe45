import { Body, Controller, Delete, Get, HttpCode, Param, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Roles } from '../../common/access.decorators.js';
import { ApiExamples, ApiProblems } from '../../common/api.decorators.js';
import { IdPipe } from '../../common/id.pipe.js';
import { pageOf, wholeOf } from '../../common/pagination.js';
import { UuidPipe } from '../../common/uuid.pipe.js';
import { Cause } from '../../platform/context/cause.decorator.js';
import { ChangeContext } from '../../platform/context/change-context.js';
import { Revokes } from '../../revocation/revocation-receipt.interceptor.js';
import { CLIENT_ID } from '../client-credential.js';
import { NEW_WORKLOAD_IDENTITIES } from '../clients.openapi.js';
import { AddWorkloadIdentityDto } from './workload-identities.dto.js';
import { WorkloadIdentitiesService } from './workload-identities.service.js';
import { WorkloadIdentitiesView, WorkloadIdentityView } from './workload-identities.view.js';

const CLIENT = new IdPipe(CLIENT_ID);

@ApiTags('Service accounts')
@Roles('admin')
@Controller('clients/:id/workload-identities')
export class WorkloadIdentitiesController {
  constructor(private readonly identities: WorkloadIdentitiesService) {}

  /** List the issuers that are trusted to vouch for a service account. */
  @Get()
  @ApiProblems('not_found')
  async list(@Param('id', CLIENT) id: string): Promise<WorkloadIdentitiesView> {
    return pageOf(wholeOf(await this.identities.list(id)), (identity) => WorkloadIdentityView.of(identity));
  }

  /**
   * Trust an issuer to vouch for a service account, for the grant `jwt-bearer`: a cluster, or a CI service.
   * @remarks Where neither `jwks` nor `jwks_uri` is given, the issuer's metadata is read once to find its keys.
   */
  @Post()
  @ApiExamples(AddWorkloadIdentityDto, NEW_WORKLOAD_IDENTITIES)
  @ApiProblems('invalid_request', 'not_found', 'workload_identity_taken', 'too_many_workload_identities')
  async add(
    @Param('id', CLIENT) id: string,
    @Body() body: AddWorkloadIdentityDto,
    @Cause() cause: ChangeContext,
  ): Promise<WorkloadIdentityView> {
    const { issuer, subject, audience, jwks, jwks_uri: jwksUri } = body;
    const identity = { issuer, subject, audience, jwks, jwksUri };
    return WorkloadIdentityView.of(await this.identities.add(id, identity, cause));
  }

  /** Remove the issuer, and refuse the current access tokens of the service account. */
  @Delete(':identity_id')
  @HttpCode(204)
  @Revokes()
  @ApiProblems('not_found')
  async delete(
    @Param('id', CLIENT) id: string,
    @Param('identity_id', UuidPipe) identityId: string,
    @Cause() cause: ChangeContext,
  ): Promise<void> {
    await this.identities.delete(id, identityId, cause);
  }
}
