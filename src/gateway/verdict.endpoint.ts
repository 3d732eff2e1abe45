import { METHODS } from 'node:http';
import { Injectable, Logger } from '@nestjs/common';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { LRUCache } from 'lru-cache';
import { challengeOf } from '../oauth/protocol/challenge.js';
import { Config } from '../platform/config/config.js';
import { clientAddressOf } from '../platform/http/client-address.js';
import { problemOf, sendError } from '../platform/http/problem.filter.js';
import { noteRefusal } from '../platform/http/request-log.js';
import { trustedPeers } from '../platform/http/trusted-peer.js';
import { clientRequestOf, type ClientRequest } from './client-request.js';
import type { IdentityHeaders } from './identity.js';
import { Judge } from './judge.js';
import { questionOf, requirementsOf, withoutClientUrl, type Question } from './question.js';
import { refusalOf, signInInstead } from './refusal.js';
import { VERDICT_PATH } from './verdict-path.js';

const queryOf = (url: string): string => (url.includes('?') ? url.slice(url.indexOf('?') + 1) : '');

/** Gateways write few questions, over and over. */
const CACHED_QUESTIONS = 100;

/**
 * `/gateway/verify`: gateways ask before they pass a request on. 200 carries the identity; 401 says that there is none,
 * 403 that it does not suffice, and everything that goes wrong is 403 too: closed.
 */
@Injectable()
export class VerdictEndpoint {
  private readonly logger = new Logger('Gateway');
  private readonly questions = new LRUCache<string, Question>({ max: CACHED_QUESTIONS });
  private readonly isTrusted: (request: FastifyRequest) => boolean;

  constructor(
    private readonly config: Config,
    private readonly judge: Judge,
  ) {
    this.isTrusted = trustedPeers(config);
  }

  /**
   * Straight on Fastify, for its speed and because nothing may answer before: any method, and the body is not looked at.
   * A scope of its own, whose errors are verdicts.
   */
  attach(fastify: FastifyInstance): void {
    for (const method of METHODS) {
      if (method !== 'CONNECT' && !fastify.supportedMethods.includes(method)) fastify.addHttpMethod(method);
    }
    // RFC 9110 10.1.1 allows to ignore what we do not know, and Node would answer with 417.
    fastify.server.on('checkExpectation', (...exchange) => fastify.server.emit('request', ...exchange));
    void fastify.register((scope, _options, done) => {
      const { supportedMethods } = scope;
      scope.setErrorHandler((error, request, reply) => this.deny(error, request, reply));
      const route = (url: string, read: (query: string) => Question) =>
        scope.route({
          method: supportedMethods,
          url,
          // Preflights are asked about here, not answered: an answer of 2xx would let them pass.
          config: { cors: { origin: false }, changesNothing: true },
          onRequest: (request, reply) => this.answer(read(queryOf(request.raw.url!)), request, reply),
          handler: () => undefined,
        });
      route(VERDICT_PATH, (query) => this.ownQuestion(query));
      route(`${VERDICT_PATH}/*`, requirementsOf);
      done();
    });
  }

  private ownQuestion(query: string): Question {
    const own = withoutClientUrl(query);
    let question = this.questions.get(own);
    if (!question) this.questions.set(own, (question = questionOf(own)));
    return question;
  }

  private answer(question: Question, request: FastifyRequest, reply: FastifyReply): void {
    const deny = (error: unknown): void => this.deny(error, request, reply, question);
    try {
      const verdict = this.judge.judge(question, this.clientRequestOf(request));
      if (!(verdict instanceof Promise)) return pass(reply, verdict);
      verdict.then((identity) => pass(reply, identity)).catch(deny);
    } catch (error) {
      deny(error);
    }
  }

  private deny(thrown: unknown, request: FastifyRequest, reply: FastifyReply, question?: Question): void {
    const error = refusalOf(thrown);
    if (error.code === 'no_verdict') {
      this.logger.warn({ event: error.code, request_id: request.id, err: error.cause ?? error });
    }
    noteRefusal(request, error);
    const location = question?.redirects && signInInstead(error, this.clientRequestOf(request), this.config);
    if (location) return void reply.redirect(location);
    const { publicUrl } = this.config;
    // For gateways that get no body of us.
    reply.header('X-Auth-Problem', asciiJson(problemOf(error, request.id, publicUrl)));
    sendError(reply, error, publicUrl, challengeOf(error, request.headers));
  }

  private clientRequestOf(request: FastifyRequest): ClientRequest {
    return clientRequestOf(request.method, request.headers, this.isTrusted(request), () => clientAddressOf(request));
  }
}

/** JSON that can stand in a header (RFC 9110 5.5). */
const asciiJson = (value: unknown): string =>
  JSON.stringify(value).replaceAll(
    /[^ -~]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );

const pass = (reply: FastifyReply, identity: IdentityHeaders): void => void reply.headers(identity).send();
