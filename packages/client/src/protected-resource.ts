import { PROOF_ALGORITHMS } from './dpop/proof-key.js';

/** What a protected resource says of itself, beside what the verifier knows (RFC 9728 2). */
export interface ResourceDescription {
  /** For people (`resource_name`). */
  readonly name?: string;
  /** The URL of its documentation (`resource_documentation`). */
  readonly documentation?: string;
  /** The scopes that it asks for (`scopes_supported`). */
  readonly scopes?: readonly string[];
}

/** The metadata of a protected resource, by which clients find its issuer (RFC 9728). */
export interface ProtectedResource {
  /** Where the metadata must be served: below the host of `publicUrl`, and before its path. */
  readonly path: string;
  /** The same as a whole URL, as challenges name it. */
  readonly metadataUrl: string;
  readonly metadata: Readonly<Record<string, unknown>>;
}

interface Resource {
  readonly issuer: string;
  readonly publicUrl: string;
  readonly requireDpop: boolean;
}

/** The headers that the metadata is served with: anybody may read and keep it, clients in browsers too. */
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
  // RFC 9728 3: the path of the resource, if it has one, stands behind the well-known one.
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
