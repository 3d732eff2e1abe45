import Fastify, { type FastifyInstance } from 'fastify';
import { beforeAll, describe, expect, it } from 'vitest';
import { AppError } from '../../common/errors.js';
import { acceptDeclaredBodies } from '../../platform/http/request/body-types.js';
import { OAUTH_FORM, type Form } from './form-body.js';

describe('a form', () => {
  let fastify: FastifyInstance;
  beforeAll(() => {
    fastify = Fastify();
    acceptDeclaredBodies(fastify);
    const answer = ({ body }: { body: unknown }) => (body instanceof Map ? Object.fromEntries(body as Form) : body);
    fastify.post('/oauth/token', { config: { bodyType: OAUTH_FORM } }, answer);
    fastify.post('/auth/login', answer);
  });

  const send = async (payload: string | Buffer, url = '/oauth/token', type = 'application/x-www-form-urlencoded') => {
    const { statusCode, body } = await fastify.inject({
      method: 'POST',
      url,
      payload,
      headers: { 'content-type': type },
    });
    return statusCode === 200 ? (JSON.parse(body) as object) : (JSON.parse(body) as Error).message;
  };

  it.each([
    ['a=1&b=2', { a: '1', b: '2' }],
    ['a=x%20y+z%26', { a: 'x y z&' }],
    ['a=%C3%A9', { a: 'é' }],
    ['a=1=2', { a: '1=2' }],
    ['', {}],
  ])('has parameters: %j', async (text, form) => expect(await send(text)).toEqual(form));

  it('takes a parameter without a value for an absent one', async () =>
    expect(await send('a=&b&c=1')).toEqual({ c: '1' }));

  it('has a parameter once', async () => {
    for (const text of ['a=1&a=1', 'a=1&b=2&a=', 'scope=x&scope=y', 'a=1&%61=2']) {
      expect(await send(text)).toBe('The request is not valid');
    }
  });

  it('names several targets', async () => {
    expect(await send('audience=a&audience=b&resource=c&resource=d')).toEqual({ audience: 'a b', resource: 'c d' });
  });

  it('is UTF-8', async () => expect(await send(Buffer.from([0x61, 0x3d, 0xff]))).toBe('The request is not valid'));

  it('does not reach into objects', async () => {
    expect(await send('__proto__=x&constructor=y&a%5Bb%5D=z')).toEqual({
      ['__proto__']: 'x',
      constructor: 'y',
      'a[b]': 'z',
    });
  });

  it('is bounded', async () => expect(await send(`a=${'x'.repeat(70_000)}`)).toMatch(/too large/));

  it('is no form at any other route', async () => {
    expect(await send('a=1', '/auth/login')).toMatch(/body/);
    expect(await send('a=1', '/oauth/token', 'text/plain')).toMatch(/media type/i);
  });

  it('is the only body where it is declared, and where it is not, JSON is', async () => {
    const message = new AppError('unsupported_media_type').message;
    for (const text of ['{"a":"1"}', '{', ''])
      expect(await send(text, '/oauth/token', 'application/json')).toBe(message);
    expect(await send('a=1', '/auth/login')).toBe(message);
    expect(await send('{}', '/auth/login', 'application/json')).toEqual({});
  });
});
