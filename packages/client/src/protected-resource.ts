import { PROOF_ALGORITHMS } from './dpop/proof-key.js';

/** The description of a protected resource, beyond what the verifier knows (RFC 9728 2). */
export interface ResourceDescription {
  /** The name for people (`resource_name`). */
  readonly name?: string;
  /** The URL of its documentation (`resource_documentation`). */
  readonly documentation?: string;
  /** The scopes that it requires (`scopes_supported`). */
  readonly scopes?: readonly string[];
}

/** The metadata of a protected resource, by which clients find its issuer (RFC 9728). */
export interface ProtectedResource {
  /** The path of the metadata: below the host of `publicUrl`, and before its path. */
  readonly path: string;
  /** The whole URL of the metadata, which challenges name. */
  readonly metadataUrl: string;
  readonly metadata: Readonly<Record<string, unknown>>;
}

interface Resource {
  readonly issuer: string;
  readonly publicUrl: string;
  readonly requireDpop: boolean;
}

/** The headers of the metadata: everybody may read and cache it, clients in browsers too. */
export const METADATA_HEADERS = {
  'Content-Type': 'application/json',
  'Cache-Control': 'public, max-age=300',
  'Access-Control-Allow-Origin': '*',
} as const;

export function protectedResourceOf(
  { issuer, publicUrl, requireDpop }: Resource,
  { name, documentation, scopes }: ResourceDescription,
): ProtectedResource {
  const { origin, pathname } = new URL(publicUrl);
  // RFC 9728 3: the path of the resource, if it has one, follows the well-known one.
  const path = `/.well-known/oauth-protected-resource${pathname === '/' ? '' : pathname}`;
  return {
    path,
    metadataUrl: origin + path,
    metadata: {
      resource: publicUrl,
      authorization_servers: [issuer],
      ...(scopes && { scopes_supported: scopes }),
      bearer_methods_supported: ['header'],
      ...(name !== undefined && { resource_name: name }),
      ...(documentation !== undefined && { resource_documentation: documentation }),
      dpop_signing_alg_values_supported: PROOF_ALGORITHMS,
      dpop_bound_access_tokens_required: requireDpop,
    },
  };
}
