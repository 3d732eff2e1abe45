import { Controller, Logger } from '@nestjs/common';
import { GrpcMethod } from '@nestjs/microservices';
import { challengeOf } from '../../oauth/protocol/challenge.js';
import { Config } from '../../platform/config/config.js';
import { problemHeadersOf, problemOf } from '../../platform/http/problems/problem.filter.js';
import { refusalFields } from '../../platform/http/request/request-log.js';
import { requestId } from '../../platform/http/request/request-id.js';
import { sessionCookieName } from '../../auth/cookies/session-cookie.js';
import type { ClientRequest } from '../client-request.js';
import { VerdictService } from '../verdict.service.js';
import { requirementsOfExtensions, type Requirements } from '../requirements.js';
import { refusalOf, signInInstead } from '../refusal.js';
import { clientRequestIn, deny, pass, type CheckRequest, type CheckResponse } from './check.js';

/**
 * `envoy.service.auth.v3.Authorization`: the verdict of `/gateway/verify` for Envoy by gRPC. A refusal is an answer and
 * never a gRPC error, because the gateway's configuration decides how it treats errors.
 */
@Controller()
export class ExtAuthzController {
  private readonly logger = new Logger('Gateway');
  private readonly sessionCookie: string;

  constructor(
    private readonly config: Config,
    private readonly verdicts: VerdictService,
  ) {
    this.sessionCookie = sessionCookieName(config);
  }

  @GrpcMethod('Authorization', 'Check')
  async check(check: CheckRequest): Promise<CheckResponse> {
    let asked: Asked | undefined;
    try {
      const request = clientRequestIn(check);
      asked = { request, requirements: requirementsOfExtensions(check.attributes?.contextExtensions ?? {}) };
      return pass(await this.verdicts.decide(asked.requirements, request), request, this.sessionCookie);
    } catch (error) {
      return this.refuse(error, check, asked);
    }
  }

  private refuse(thrown: unknown, { attributes }: CheckRequest, asked?: Asked): CheckResponse {
    const error = refusalOf(thrown);
    const request = attributes?.request?.http?.headers ?? {};
    const id = requestId({ headers: request });
    if (error.code === 'no_verdict') {
      this.logger.warn({ event: error.code, request_id: id, err: error.cause ?? error });
    } else {
      this.logger.log({ event: 'check_refused', request_id: id, status: error.status, ...refusalFields(error) });
    }
    const location = asked?.requirements.redirects && signInInstead(error, asked.request, this.config);
    if (location) return deny(302, { Location: location, 'Cache-Control': 'no-store' });
    const { publicUrl } = this.config;
    return deny(
      error.status,
      problemHeadersOf(error, challengeOf(error, request)),
      JSON.stringify(problemOf(error, id, publicUrl)),
    );
  }
}

interface Asked {
  requirements: Requirements;
  request: ClientRequest;
}
