import type { Bench } from '../bench.js';
import { PASSWORD } from '../population.js';
import { form, succeed } from '../requests.js';
import type { Row } from '../results.js';
import { createServiceAccount, type ServiceAccount } from '../service-account.js';
import { accessTokenOf } from './operations.js';
import { atLeast, throughput } from './throughput.js';

const WORKERS = 16;
const INTROSPECTIONS = 3_000;

/** Measures the requests of services: for tokens of their own, and to introspect those of others. */
export async function services(bench: Bench): Promise<Row[]> {
  const account = await createServiceAccount(bench);
  return [await clientCredentials(bench, account), await introspection(bench, account)];
}

/** Measures a token by `client_credentials` against a Fastify route that reads a form and signs a token. */
async function clientCredentials(bench: Bench, { basic }: ServiceAccount): Promise<Row> {
  const request = form('/oauth/token', { grant_type: 'client_credentials' }, basic);
  const least = form('/sign', { grant_type: 'client_credentials' }, basic);
  const { service } = await bench.peopled();
  return throughput(bench, {
    figure: 'client_credentials per core and second',
    workers: WORKERS,
    limit: {
      what: 'bare ES256 signing in Fastify',
      target: await bench.limits(),
      operationOf: () => (connection) => succeed(connection, least),
    },
    ours: { target: service, operationOf: () => (connection) => succeed(connection, request) },
    budget: atLeast(0.5, 'bare signing'),
  });
}

/** Measures the introspection of a known token against a Fastify route that reads a form. */
async function introspection(bench: Bench, { basic }: ServiceAccount): Promise<Row> {
  const { service } = await bench.peopled();
  const token = await accessTokenOf(service, '/auth/login', { email: 'user2@example.com', password: PASSWORD });
  const request = form('/oauth/introspect', { token }, basic);
  const least = form('/echo', { token }, basic);
  return throughput(bench, {
    figure: 'introspections per core and second',
    workers: WORKERS,
    limit: {
      what: 'bare Fastify with a form',
      target: await bench.limits(),
      operationOf: () => (connection) => succeed(connection, least),
    },
    ours: { target: service, operationOf: () => (connection) => succeed(connection, request) },
    budget: (rate) => ({
      text: `≥ ${INTROSPECTIONS.toLocaleString('en')} per core and second`,
      met: rate >= INTROSPECTIONS,
    }),
  });
}
