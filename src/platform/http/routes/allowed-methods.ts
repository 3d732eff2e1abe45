import type { FastifyInstance, FastifyRequest } from 'fastify';
import { AppError } from '../../../common/errors.js';

interface Route {
  form: RegExp;
  methods: Set<string>;
}

/**
 * Answers a method that a path does not have with 405 and `Allow` (RFC 9110 15.5.6), and `OPTIONS` with `Allow`
 * (RFC 9110 9.3.7). The existing paths are no secret. A method that a path has is handled as usual. The answer is a
 * problem on every path, also below `/oauth`: a request by another method reaches no endpoint, and RFC 6749 5.2
 * describes the errors of token requests, which are POST (3.2).
 */
export function answerOtherMethods(fastify: FastifyInstance): void {
  const routes = new Map<string, Route>();
  fastify.addHook('onRoute', ({ url, method }) => {
    // `*` handles the preflights of every path, and is no path of its own.
    if (url === '*') return;
    const route = routes.get(url) ?? { form: formOf(url), methods: new Set() };
    for (const name of [method].flat()) route.methods.add(name);
    routes.set(url, route);
  });
  fastify.addHook('onRequest', (request, reply, done) => {
    const { method, is404 } = request;
    if (!is404 && (method !== 'OPTIONS' || isPreflight(request))) return done();
    const path = request.url.split('?', 1)[0]!;
    // A path that is registered itself is not one of those with a parameter in its place.
    const methods = new Set(routes.get(path)?.methods ?? methodsAt(path, routes.values()));
    if (methods.size === 0) throw new AppError('not_found');
    if (methods.has(method)) return done();
    const allow = [...methods.add('OPTIONS')].sort().join(', ');
    if (method !== 'OPTIONS') throw new AppError('method_not_allowed', { allow });
    void reply.code(204).header('Allow', allow).send();
  });
}

/** Tells whether a request is a preflight, which CORS answers where it is on (Fetch 4.8). */
const isPreflight = ({ headers }: FastifyRequest): boolean =>
  headers.origin !== undefined && headers['access-control-request-method'] !== undefined;

/** Converts a pattern of the router to a regular expression: `:name` is one segment of a path, and `*` the rest. */
function formOf(url: string): RegExp {
  const form = url
    .replace(/[.+?^${}()|[\]\\]/g, '\\$&')
    .replace(/:\w+/g, '[^/]+')
    .replace('*', '.*');
  return new RegExp(`^${form}$`);
}

function methodsAt(path: string, routes: Iterable<Route>): Set<string> {
  const methods = new Set<string>();
  for (const route of routes) if (route.form.test(path)) for (const method of route.methods) methods.add(method);
  return methods;
}
