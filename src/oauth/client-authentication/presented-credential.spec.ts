import { describe, expect, it } from 'vitest';
import { JWT_BEARER } from './client-assertion.js';
import { presentedCredential } from './presented-credential.js';

const authorization = `Basic ${Buffer.from('a:s').toString('base64')}`;
const assertion = { client_assertion_type: JWT_BEARER, client_assertion: 'x.y.z' };

const read = (form: object, request: { authorization?: string; certificateSubject?: string } = {}) =>
  presentedCredential(form, {
    authorization: request.authorization,
    certificateSubject: request.certificateSubject ?? null,
  });

describe('a client presents', () => {
  it.each([
    ['a secret in a header', {}, { authorization }, { kind: 'secret', clientId: 'a', secret: 's' }],
    ['that, and its id', { client_id: 'a' }, { authorization }, { kind: 'secret', clientId: 'a', secret: 's' }],
    [
      'a secret in the form',
      { client_id: 'a', client_secret: 's' },
      {},
      { kind: 'secret', clientId: 'a', secret: 's' },
    ],
    ['an assertion', assertion, {}, { kind: 'assertion', clientId: null, assertion: 'x.y.z' }],
    [
      'that, and its id',
      { ...assertion, client_id: 'a' },
      {},
      { kind: 'assertion', clientId: 'a', assertion: 'x.y.z' },
    ],
    ['its id alone', { client_id: 'a' }, {}, { kind: 'none', clientId: 'a' }],
    [
      'a certificate',
      { client_id: 'a' },
      { certificateSubject: 'CN=a' },
      { kind: 'certificate', clientId: 'a', subject: 'CN=a' },
    ],
  ])('%s', (_, form, request, credential) => expect(read(form, request)).toEqual(credential));

  it('a secret or an assertion before the certificate of its connection', () => {
    const certificateSubject = 'CN=a';
    expect(read({}, { authorization, certificateSubject })).toMatchObject({ kind: 'secret' });
    expect(read({ client_id: 'a', client_secret: 's' }, { certificateSubject })).toMatchObject({ kind: 'secret' });
    expect(read(assertion, { certificateSubject })).toMatchObject({ kind: 'assertion' });
  });

  it.each([
    ['nothing', {}, {}],
    ['a secret of nobody', { client_secret: 's' }, {}],
    ['a certificate of nobody', {}, { certificateSubject: 'CN=a' }],
    ['a token', { client_id: 'a' }, { authorization: 'Bearer x' }],
    ['a token and a certificate', { client_id: 'a' }, { authorization: 'Bearer x', certificateSubject: 'CN=a' }],
  ])('nothing that counts: %s', (_, form, request) => expect(read(form, request)).toBeNull());

  it.each([
    ['two secrets', { client_secret: 's' }, { authorization }],
    ['a token and a secret', { client_id: 'a', client_secret: 's' }, { authorization: 'Bearer x' }],
    ['a secret and an assertion', { ...assertion, client_id: 'a', client_secret: 's' }, {}],
    ['an assertion and a header', assertion, { authorization }],
    ['the name of another', { client_id: 'b' }, { authorization }],
    ['an assertion of no type', { client_assertion: 'x.y.z' }, {}],
    ['an assertion of another type', { ...assertion, client_assertion_type: 'saml' }, {}],
    ['a secret and the type of an assertion', { client_assertion_type: 'saml' }, { authorization }],
  ])('too much: %s', (_, form, request) => {
    expect(() => read(form, request)).toThrow(expect.objectContaining({ code: 'invalid_request' }) as Error);
  });
});
