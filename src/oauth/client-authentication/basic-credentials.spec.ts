import { describe, expect, it } from 'vitest';
import { basicCredentialsOf } from './basic-credentials.js';

const basic = (text: string, scheme = 'Basic') => `${scheme} ${Buffer.from(text).toString('base64')}`;

describe('id and secret in a header', () => {
  it.each([
    ['as they are', basic('id:secret'), { clientId: 'id', secret: 'secret' }],
    ['by the scheme in another case', basic('id:secret', 'bASIC '), { clientId: 'id', secret: 'secret' }],
    ['with a colon in the secret', basic('id:se:cret'), { clientId: 'id', secret: 'se:cret' }],
    ['form-encoded', basic('i%3Ad:se%25c+r%c3%a9t'), { clientId: 'i:d', secret: 'se%c rét' }],
    ['without a secret', basic('id:'), { clientId: 'id', secret: '' }],
  ])('%s', (_, header, credentials) => expect(basicCredentialsOf(header)).toEqual(credentials));

  it.each([
    ['another scheme', 'Bearer aWQ6c2VjcmV0'],
    ['nothing behind the scheme', 'Basic '],
    ['no scheme', 'aWQ6c2VjcmV0'],
    ['no colon', basic('id')],
    ['no base64', 'Basic id:secret'],
    ['base64url', 'Basic aWQ6c2VjcmV0_-'],
    ['something behind it', `${basic('id:secret')} x`],
    ['another header behind it', `${basic('id:secret')}, ${basic('id:other')}`],
    ['a malformed escape', basic('id:100%')],
    ['an escape that is no UTF-8', basic('id:%ff')],
  ])('are not there with %s', (_, header) => expect(basicCredentialsOf(header)).toBeNull());
});
