import type { FastifyRequest } from 'fastify';
import { describe, expect, it } from 'vitest';
import type { Principal } from '../../common/principal.js';
import { changeContextOf } from './cause.decorator.js';
import { ChangeContext } from './change-context.js';

const USER = '0199f3a0-5c1e-7c3a-9f64-2f6f3c1d8b7a';
const SERVICE = 'svc_q3kXlN0bJ1cAb9-Z';

const principal = (fields: Partial<Principal>) =>
  ({ subject: USER, client: 'web', session: null, actor: null, ...fields }) as Principal;
const of = (fields: Partial<Principal>) => ChangeContext.ofRequest(principal(fields), '203.0.113.7', 'request-1');
const request = (user: unknown) => ({ user, ip: '203.0.113.7', id: 'request-1' }) as unknown as FastifyRequest;

describe('the context of a change', () => {
  it('names a user with their session and client, and where the request came from', () => {
    const context = of({ session: 'ARz0oFweR8Ofqg' });
    expect(context.actor).toEqual({ kind: 'user', id: USER });
    expect(context).toMatchObject({ onBehalfOf: null, client: 'web', session: 'ARz0oFweR8Ofqg' });
    expect([context.address, context.requestId]).toEqual(['203.0.113.7', 'request-1']);
  });

  it.each([
    ['a service', { subject: SERVICE, client: SERVICE }, { kind: 'client', id: SERVICE }, null],
    ['a key of a service', { subject: SERVICE, client: 'key_1' }, { kind: 'client', id: SERVICE }, null],
    ['a key of a user', { client: 'key_1' }, { kind: 'user', id: USER }, null],
    ['a service for a user', { actor: { subject: SERVICE, actor: null } }, { kind: 'client', id: SERVICE }, USER],
    [
      'the last service of a chain',
      { actor: { subject: SERVICE, actor: { subject: 'svc_first', actor: null } } },
      { kind: 'client', id: SERVICE },
      USER,
    ],
  ])('names %s', (_, fields, actor, onBehalfOf) => {
    expect(of(fields)).toMatchObject({ actor, onBehalfOf });
  });

  it('names nobody until somebody is authenticated, and never the user of a login that is under way', () => {
    for (const user of [undefined, null, {}, { id: USER, credentialsVersion: 0 }]) {
      expect(changeContextOf(request(user))).toMatchObject({ actor: { kind: 'anonymous', id: null }, client: null });
    }
    const context = changeContextOf(request(undefined)).by({ kind: 'user', id: USER });
    expect(context).toMatchObject({ actor: { kind: 'user', id: USER }, address: '203.0.113.7', client: null });
  });

  it('is one a request, whose receipt is shared by those who turn out to be its caller', () => {
    const asked = request(undefined);
    const context = changeContextOf(asked);
    context.by({ kind: 'user', id: USER }).noteRevocation(7);
    expect(changeContextOf(asked)).toBe(context);
    expect(context.revocationSeq).toBe(7);
    expect(changeContextOf(request(undefined)).revocationSeq).toBeNull();
  });
});
