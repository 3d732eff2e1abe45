import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import type { Repository } from 'typeorm';
import { Clock } from '../../common/clock.js';
import { AppError, invalidField } from '../../common/errors.js';
import { faultOfKeySet, type JwkSet } from '../../jose/key-set.js';
import { uuidv7 } from '../../common/uuid.js';
import type { ChangeContext } from '../../platform/context/change-context.js';
import { violates } from '../../platform/database/data-source.js';
import { SsrfSafeHttpClient } from '../../platform/http-client/ssrf-safe-http-client.js';
import { ClientChanges } from '../client-changes.js';
import { ClientsService } from '../clients.service.js';
import { IssuerDiscovery } from './issuer-discovery.js';
import { WorkloadIdentity } from './workload-identity.entity.js';

const MAX_IDENTITIES = 32;

/** The settings of a workload identity, by an administrator. */
export interface NewWorkloadIdentity {
  issuer: string;
  subject: string;
  audience?: string | undefined;
  jwks?: JwkSet | undefined;
  jwksUri?: string | undefined;
}

/** Administers the issuers that vouch for clients, and finds the client of an assertion. */
@Injectable()
export class WorkloadIdentitiesService {
  constructor(
    @InjectRepository(WorkloadIdentity) private readonly identities: Repository<WorkloadIdentity>,
    private readonly clients: ClientsService,
    private readonly changes: ClientChanges,
    private readonly discovery: IssuerDiscovery,
    private readonly http: SsrfSafeHttpClient,
    private readonly clock: Clock,
  ) {}

  /** Lists the workload identities of a client, the oldest first. Throws `not_found`. */
  async list(clientId: string): Promise<WorkloadIdentity[]> {
    await this.clients.get(clientId);
    return this.identities.find({ where: { clientId }, order: { id: 'ASC' } });
  }

  /**
   * Adds a workload identity. Throws `not_found`, `invalid_request`, `workload_identity_taken`,
   * `too_many_workload_identities`.
   */
  async add(
    clientId: string,
    { issuer, subject, audience, ...keys }: NewWorkloadIdentity,
    cause: ChangeContext,
  ): Promise<WorkloadIdentity> {
    await this.clients.get(clientId);
    const now = this.clock.date();
    const identity: WorkloadIdentity = {
      id: uuidv7(now.getTime()),
      clientId,
      issuer,
      subject,
      audience: audience ?? null,
      ...(await this.keysOf(issuer, keys)),
      createdAt: now,
    };
    await this.changes.run(clientId, cause, async (client, manager) => {
      if ((await manager.countBy(WorkloadIdentity, { clientId })) >= MAX_IDENTITIES) {
        throw new AppError('too_many_workload_identities');
      }
      await manager.insert(WorkloadIdentity, identity as object).catch(refuseTaken);
      const details = { identity: identity.id, issuer, subject };
      return { client, reduces: false, record: { event: 'client.identity_added', details } };
    });
    return identity;
  }

  /** Deletes the identity, and refuses the client's current tokens, which may come from it. Throws `not_found`. */
  async delete(clientId: string, id: string, cause: ChangeContext): Promise<void> {
    await this.changes.run(clientId, cause, async (client, manager) => {
      const { affected } = await manager.delete(WorkloadIdentity, { id, clientId });
      if (affected !== 1) throw new AppError('not_found');
      return { client, reduces: true, record: { event: 'client.identity_deleted', details: { identity: id } } };
    });
  }

  /** Finds the identity with this issuer and subject, which a stranger may have invented; null where there is none. */
  find(issuer: string, subject: string): Promise<WorkloadIdentity | null> {
    return this.identities.findOneBy({ issuer, subject });
  }

  private async keysOf(
    issuer: string,
    { jwks, jwksUri }: Pick<NewWorkloadIdentity, 'jwks' | 'jwksUri'>,
  ): Promise<Pick<WorkloadIdentity, 'jwks' | 'jwksUri'>> {
    if (jwks !== undefined) {
      if (jwksUri !== undefined)
        throw invalidField('jwks_uri', 'exclusive', 'jwks_uri and jwks exclude each other: send one of them');
      const fault = faultOfKeySet(jwks);
      if (fault) throw invalidField('jwks', 'key_set', `jwks ${fault}`);
      return { jwks, jwksUri: null };
    }
    const found = jwksUri ?? (await this.discovery.jwksUriOf(issuer));
    if (found === null) {
      const message =
        'issuer does not say where its keys are at .well-known/openid-configuration: give jwks_uri, or jwks';
      throw invalidField('issuer', 'discovery', message);
    }
    const fault = this.http.validateTarget(found);
    if (fault) throw invalidField('jwks_uri', 'target', `jwks_uri ${fault}`);
    return { jwks: null, jwksUri: found };
  }
}

function refuseTaken(error: unknown): never {
  if (!violates(error, 'workload_identities_issuer_subject_key')) throw error;
  throw new AppError('workload_identity_taken', { cause: error });
}
