import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify';
import { admit, type Access } from '../guard/admission.js';
import { refusalOf } from '../guard/refusal.js';
import { createVerifier, type Verifier, type VerifierOptions } from '../index.js';
import type { Principal } from '../principal.js';
import { METADATA_HEADERS } from '../protected-resource.js';

export type { Access, Requirements } from '../guard/admission.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** The caller; null on a public route. */
    principal: Principal | null;
  }
  interface FastifyInstance {
    /** The verifier of all requests, with `ready()` and the metrics. */
    verifier: Verifier;
  }
  interface FastifyContextConfig {
    /** The callers that the route admits; by default everybody with a valid access token. */
    access?: Access;
  }
}

/** Options for a verifier of its own, which is closed with the server; or one that the caller closes. */
export type CountersignOptions = VerifierOptions | { verifier: Verifier };

function refuse(error: unknown, request: FastifyRequest, reply: FastifyReply, verifier: Verifier): FastifyReply {
  const refusal = refusalOf(error, request.raw.rawHeaders, verifier.protectedResource);
  if (!refusal) throw error;
  return reply.code(refusal.status).headers(refusal.headers).send(JSON.stringify(refusal.body));
}

const plugin: FastifyPluginAsync<CountersignOptions> = async (app, options) => {
  const isOwn = !('verifier' in options);
  const verifier = isOwn ? createVerifier(options) : options.verifier;
  if (isOwn) app.addHook('onClose', () => verifier.close());
  app.decorate('verifier', verifier);
  app.decorateRequest('principal', null);
  app.addHook('onRequest', async (request, reply): Promise<unknown> => {
    const { access } = request.routeOptions.config;
    if (access === 'public') return undefined;
    try {
      const { method, originalUrl: url } = request;
      request.principal = await admit(verifier, { rawHeaders: request.raw.rawHeaders, method, url }, access);
      return undefined;
    } catch (error) {
      return refuse(error, request, reply, verifier);
    }
  });
  const { protectedResource: resource } = verifier;
  if (!resource) return;
  app.get(resource.path, { config: { access: 'public' } }, (_, reply) =>
    reply.headers(METADATA_HEADERS).send(JSON.stringify(resource.metadata)),
  );
};

/**
 * Closes every route to requests without a valid access token, except those whose config says `access: 'public'`.
 *
 * @example
 * app.register(countersign, { issuer: 'https://auth.example.com', audience: 'api' });
 * app.get('/me', (request) => request.principal);
 * app.delete('/orders', { config: { access: { roles: ['admin'] } } }, removeOrders);
 * app.get('/health', { config: { access: 'public' } }, () => 'ok');
 *
 * With the option `resource` it also serves the metadata of the service (RFC 9728).
 */
export const countersign = Object.assign(plugin, {
  // As fastify-plugin does: the hook applies to the whole server, not only to a context of the plugin's own.
  [Symbol.for('skip-override')]: true,
  [Symbol.for('fastify.display-name')]: '@countersign/client',
});
