import { ConsoleLogger, HttpException, Logger, NotFoundException } from '@nestjs/common';
import { ExecutionContextHost } from '@nestjs/core/helpers/execution-context-host.js';
import fastify, { type FastifyInstance } from 'fastify';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { AppError, ERRORS, type ErrorCode } from '../../../common/errors.js';
import { acceptDeclaredBodies } from '../request/body-types.js';
import { ProblemFilter, problemOf, type Challenge, type ErrorFormat } from './problem.filter.js';

const URL = 'https://auth.example.com';
const CHALLENGE: Challenge = ({ code }) => (code === 'token_missing' ? 'Bearer' : null);

describe('problemOf', () => {
  it('is a problem of RFC 9457, with the code and the id of the request', () => {
    expect(problemOf(new AppError('email_taken'), 'r1', URL)).toEqual({
      type: 'https://auth.example.com/problems/email_taken',
      title: 'An account with this e-mail address exists',
      status: 409,
      code: 'email_taken',
      request_id: 'r1',
    });
  });

  it('carries the detail and the fields at fault where there are any', () => {
    const errors = [{ field: 'email', code: 'email', message: 'email must be an e-mail address' }];
    expect(problemOf(new AppError('invalid_request', { detail: 'a detail', errors }), 'r1', URL)).toMatchObject({
      detail: 'a detail',
      errors,
    });
  });

  it('says nothing of the cause, nor of its stack', () => {
    const error = new AppError('internal', { cause: new Error('S3cret'), retryAfterSeconds: 3 });
    expect(Object.keys(problemOf(error, 'r1', URL))).toEqual(['type', 'title', 'status', 'code', 'request_id']);
    expect(JSON.stringify(problemOf(error, 'r1', URL))).not.toContain('S3cret');
  });
});

describe('what a route throws', () => {
  let server: FastifyInstance;
  let thrown: unknown;
  const log: [level: string, entry: { event: string; request_id: string; err: unknown }][] = [];
  const write = (level: string) => (entry: (typeof log)[number][1]) => void log.push([level, entry]);
  beforeEach(() => void (log.length = 0));
  beforeAll(async () => {
    Logger.overrideLogger({ log: write('log'), warn: write('warn'), error: write('error') });
    const filter = new ProblemFilter(URL, CHALLENGE);
    server = fastify({ genReqId: () => 'r1' });
    acceptDeclaredBodies(server);
    server.setErrorHandler((error, request, reply) => filter.catch(error, new ExecutionContextHost([request, reply])));
    server.get('/', (request, reply) => filter.catch(thrown, new ExecutionContextHost([request, reply])));
    server.post('/', () => 'fine');
    const errorFormat: ErrorFormat = { mediaType: 'text/plain', write: ({ code }, id) => `${code} of ${id}` };
    server.post('/declared', { config: { errorFormat } }, () => {
      throw new AppError('not_found');
    });
    await server.ready();
  });
  afterAll(async () => {
    Logger.overrideLogger(new ConsoleLogger());
    await server.close();
  });

  async function answerTo(error: unknown) {
    thrown = error;
    const answer = await server.inject('/');
    expect(answer.headers['content-type']).toMatch(/^application\/problem\+json(;|$)/);
    expect(answer.headers['cache-control']).toBe('no-store');
    expect(answer.statusCode).toBe(answer.json<{ status: number }>().status);
    expect(answer.body).not.toContain('S3cret');
    return answer;
  }
  const codeOf = async (error: unknown) => (await answerTo(error)).json<{ code: string }>().code;

  it.each(Object.keys(ERRORS) as ErrorCode[])('is answered as %s says', async (code) => {
    const answer = await answerTo(new AppError(code, { cause: new Error('S3cret') }));
    expect(answer.statusCode).toBe(ERRORS[code].status);
    expect(answer.json()).toMatchObject({ code, request_id: 'r1' });
    expect(answer.headers['retry-after']).toBeUndefined();
  });

  it('says how long to wait', async () => {
    const answer = await answerTo(new AppError('rate_limited', { retryAfterSeconds: 30 }));
    expect(answer.headers['retry-after']).toBe('30');
    expect((await answerTo(new AppError('overloaded', { retryAfterSeconds: 0 }))).headers['retry-after']).toBe('0');
  });

  it.each<[ErrorCode, string | undefined]>([
    ['token_missing', 'Bearer'],
    ['not_found', undefined],
  ])('challenges with %s: %s', async (code, challenge) => {
    expect((await answerTo(new AppError(code))).headers['www-authenticate']).toBe(challenge);
  });

  it('is told to the log with its cause where it is our fault, and only there', async () => {
    const cause = new Error('S3cret');
    await answerTo(cause);
    await answerTo(new AppError('unavailable', { cause }));
    await answerTo(new AppError('invalid_credentials', { cause }));
    expect(log).toEqual([
      ['error', { event: 'internal', request_id: 'r1', err: cause }],
      ['warn', { event: 'unavailable', request_id: 'r1', err: cause }],
    ]);
  });

  it.each([
    ['an error', new Error('S3cret')],
    ['a text', 'S3cret'],
    ['nothing', undefined],
    ['null', null],
    ['an object', { message: 'S3cret' }],
    ['an exception without a code of ours', new HttpException('S3cret', 418)],
    ['a refusal that is not ours', new HttpException('S3cret', 402)],
    ['an error with a status of its own', Object.assign(new Error('S3cret'), { statusCode: 503 })],
  ])('is internal where nobody foresaw it: %s', async (_, error) => {
    expect((await answerTo(error)).statusCode).toBe(500);
    expect(await codeOf(error)).toBe('internal');
  });

  it('is not_found where Nest says so', async () =>
    expect(await codeOf(new NotFoundException('S3cret'))).toBe('not_found'));

  it.each(['08006', '53300', '57P01', '57P03', '57014', '40001', 'ECONNREFUSED', 'ECONNRESET', 'ETIMEDOUT'])(
    'is unavailable, with a time to wait, where the database is away: %s',
    async (code) => {
      const failure = Object.assign(new Error('S3cret'), { code });
      for (const error of [
        failure,
        Object.assign(new Error('x'), { driverError: failure }),
        new AggregateError([failure]),
      ]) {
        const answer = await answerTo(error);
        expect(answer.statusCode).toBe(503);
        expect(answer.headers['retry-after']).toBe('2');
      }
    },
  );

  it.each(['23505', '42P01', '22P02', 'ERR_INVALID_ARG_TYPE'])('is our mistake as %s', async (code) => {
    expect(await codeOf(Object.assign(new Error('S3cret'), { code }))).toBe('internal');
  });

  it.each([
    ['malformed_json', 'application/json', '{'],
    ['malformed_json', 'application/json', '{"a":{"constructor":{"prototype":{}}}}'],
    ['malformed_json', 'application/json', '{"__proto__":{}}'],
    ['unsupported_media_type', 'text/html', '<p>'],
    ['body_too_large', 'application/json', JSON.stringify('x'.repeat(65_535))],
  ])('is %s where Fastify refuses the body', async (code, type, payload) => {
    const answer = await server.inject({ method: 'POST', url: '/', headers: { 'content-type': type }, payload });
    expect(answer.json()).toMatchObject({ code, status: ERRORS[code as ErrorCode].status, request_id: 'r1' });
  });

  it.each([
    ['not_found', 'application/json', '{}'],
    ['malformed_json', 'application/json', '{'],
    ['unsupported_media_type', 'text/html', '<p>'],
    ['body_too_large', 'application/json', JSON.stringify('x'.repeat(65_535))],
  ])('has the format that its route declares, whoever refuses: %s', async (code, type, payload) => {
    const headers = { 'content-type': type };
    const answer = await server.inject({ method: 'POST', url: '/declared', headers, payload });
    expect([answer.headers['content-type'], answer.body]).toEqual(['text/plain', `${code} of r1`]);
    expect(answer.statusCode).toBe(ERRORS[code as ErrorCode].status);
  });
});
