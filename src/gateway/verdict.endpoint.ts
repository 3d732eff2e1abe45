import { METHODS } from 'node:http';
import { Injectable, Logger } from '@nestjs/common';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { LRUCache } from 'lru-cache';
import { challengeOf } from '../oauth/protocol/challenge.js';
import { Config } from '../platform/config/config.js';
import { clientAddressOf } from '../platform/http/request/client-address.js';
import { problemOf, sendError } from '../platform/http/problems/problem.filter.js';
import { noteRefusal } from '../platform/http/request/request-log.js';
import { trustedPeers } from '../platform/http/request/trusted-peer.js';
import { clientRequestOf, type ClientRequest } from './client-request.js';
import type { IdentityHeaders } from './identity.js';
import { VerdictService } from './verdict.service.js';
import { requirementsOf, addedRequirementsOf, withoutClientUrl, type Requirements } from './requirements.js';
import { refusalOf, signInInstead } from './refusal.js';
import { VERDICT_PATH } from './verdict-path.js';

const queryOf = (url: string): string => (url.includes('?') ? url.slice(url.indexOf('?') + 1) : '');

/** How many parsed queries are cached. Gateways send few different ones. */
const CACHED_QUERIES = 100;

/**
 * Serves `/gateway/verify`: gateways ask before they pass a request on. 200 has the headers of the identity; 401 means
 * that there is none, 403 that it does not suffice. Every failure is 403 too: closed by default.
 */
@Injectable()
export class VerdictEndpoint {
  private readonly logger = new Logger('Gateway');
  private readonly requirementsByQuery = new LRUCache<string, Requirements>({ max: CACHED_QUERIES });
  private readonly isTrusted: (request: FastifyRequest) => boolean;

  constructor(
    private readonly config: Config,
    private readonly verdicts: VerdictService,
  ) {
    this.isTrusted = trustedPeers(config);
  }

  /**
   * Registers the route directly on Fastify, for speed and so that nothing answers before it. It accepts any method and
   * does not read the body. It has a scope of its own, in which errors are verdicts.
   */
  attach(fastify: FastifyInstance): void {
    for (const method of METHODS) {
      if (method !== 'CONNECT' && !fastify.supportedMethods.includes(method)) fastify.addHttpMethod(method);
    }
    // RFC 9110 10.1.1 allows to ignore unknown expectations. Node would answer with 417.
    fastify.server.on('checkExpectation', (...exchange) => fastify.server.emit('request', ...exchange));
    void fastify.register((scope, _options, done) => {
      const { supportedMethods } = scope;
      scope.setErrorHandler((error, request, reply) => this.deny(error, request, reply));
      const route = (url: string, read: (query: string) => Requirements) =>
        scope.route({
          method: supportedMethods,
          url,
          // CORS must not answer preflights here: an answer of 2xx would admit them.
          config: { cors: { origin: false }, changesNothing: true },
          onRequest: (request, reply) => this.answer(read(queryOf(request.raw.url!)), request, reply),
          handler: () => undefined,
        });
      route(VERDICT_PATH, (query) => this.ownRequirements(query));
      route(`${VERDICT_PATH}/*`, addedRequirementsOf);
      done();
    });
  }

  private ownRequirements(query: string): Requirements {
    const own = withoutClientUrl(query);
    let requirements = this.requirementsByQuery.get(own);
    if (!requirements) this.requirementsByQuery.set(own, (requirements = requirementsOf(own)));
    return requirements;
  }

  private answer(requirements: Requirements, request: FastifyRequest, reply: FastifyReply): void {
    const deny = (error: unknown): void => this.deny(error, request, reply, requirements);
    try {
      const verdict = this.verdicts.decide(requirements, this.clientRequestOf(request));
      if (!(verdict instanceof Promise)) return pass(reply, verdict);
      verdict.then((identity) => pass(reply, identity)).catch(deny);
    } catch (error) {
      deny(error);
    }
  }

  private deny(thrown: unknown, request: FastifyRequest, reply: FastifyReply, requirements?: Requirements): void {
    const error = refusalOf(thrown);
    if (error.code === 'no_verdict') {
      this.logger.warn({ event: error.code, request_id: request.id, err: error.cause ?? error });
    }
    noteRefusal(request, error);
    const location = requirements?.redirects && signInInstead(error, this.clientRequestOf(request), this.config);
    if (location) return void reply.redirect(location);
    const { publicUrl } = this.config;
    // For gateways that do not pass on our body.
    reply.header('X-Auth-Problem', asciiJson(problemOf(error, request.id, publicUrl)));
    sendError(reply, error, publicUrl, challengeOf(error, request.headers));
  }

  private clientRequestOf(request: FastifyRequest): ClientRequest {
    return clientRequestOf(request.method, request.headers, this.isTrusted(request), () => clientAddressOf(request));
  }
}

/** Writes JSON that is valid in a header (RFC 9110 5.5). */
const asciiJson = (value: unknown): string =>
  JSON.stringify(value).replaceAll(
    /[^ -~]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );

const pass = (reply: FastifyReply, identity: IdentityHeaders): void => void reply.headers(identity).send();
