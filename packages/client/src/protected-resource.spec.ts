import { describe, expect, it } from 'vitest';
import { settingsOf } from './options.js';

const OPTIONS = { issuer: 'https://auth.example.com', audience: 'api' };
const resourceOf = (publicUrl: string, resource = {}, requireDpop = false) =>
  settingsOf({ ...OPTIONS, publicUrl, resource, requireDpop }).protectedResource!;

describe('the metadata of a protected resource (RFC 9728)', () => {
  it('says who issues its tokens, and how to bring them', () =>
    expect(resourceOf('https://orders.example.com')).toEqual({
      path: '/.well-known/oauth-protected-resource',
      metadataUrl: 'https://orders.example.com/.well-known/oauth-protected-resource',
      metadata: {
        resource: 'https://orders.example.com',
        authorization_servers: ['https://auth.example.com'],
        bearer_methods_supported: ['header'],
        dpop_signing_alg_values_supported: ['ES256', 'EdDSA', 'Ed25519', 'PS256', 'RS256'],
        dpop_bound_access_tokens_required: false,
      },
    }));

  it('says what else it was told', () => {
    const description = { name: 'Orders', documentation: 'https://docs.example.com', scopes: ['orders:read'] };
    expect(resourceOf('https://orders.example.com', description, true).metadata).toMatchObject({
      resource_name: 'Orders',
      resource_documentation: 'https://docs.example.com',
      scopes_supported: ['orders:read'],
      dpop_bound_access_tokens_required: true,
    });
  });

  it('stands before the path of the resource', () =>
    expect(resourceOf('https://example.com/shop/orders').metadataUrl).toBe(
      'https://example.com/.well-known/oauth-protected-resource/shop/orders',
    ));

  it('is none where nothing was told', () =>
    expect(settingsOf({ ...OPTIONS, publicUrl: 'https://orders.example.com' }).protectedResource).toBeNull());

  it.each(['', 'orders.example.com', 'ftp://a', 'https://a/', 'https://a?b', 'https://a#b', 'https://user@a'])(
    'needs a URL that proofs can be compared with, not %j',
    (publicUrl) => expect(() => settingsOf({ ...OPTIONS, publicUrl })).toThrow(TypeError),
  );

  it('and the demand for bound tokens need a URL at all', () => {
    expect(() => settingsOf({ ...OPTIONS, resource: {} })).toThrow('publicUrl');
    expect(() => settingsOf({ ...OPTIONS, requireDpop: true })).toThrow('publicUrl');
  });
});
