import type { Operation } from '../load.js';
import type { Population } from '../population.js';
import { get, post, succeed } from '../requests.js';
import type { Target } from '../service.js';

interface Tokens {
  access_token: string;
  refresh_token: string;
}

/** Signs in as a random user each time. */
export const logins =
  (population: Population): Operation =>
  (connection) =>
    succeed(connection, post('/auth/login', population.credentials()));

/** Rotates the refresh token of a random session; every session has its own chain. */
export function refreshes(population: Population, worker: number, workers: number): Operation {
  return async (connection) => {
    const session = population.session(worker, workers);
    const { body } = await succeed(connection, post('/auth/refresh', { refresh_token: session.refreshToken }));
    session.refreshToken = (JSON.parse(body) as Tokens).refresh_token;
  };
}

/** Creates another account each time. */
export const registrations =
  (path: string, password: string): Operation =>
  (connection) =>
    succeed(connection, post(path, { email: `new${crypto.randomUUID()}@example.com`, password }));

/** Repeats a GET with one credential, which is a line of the header. */
export function reads(path: string, credential: string): Operation {
  const request = get(path, credential);
  return (connection) => succeed(connection, request);
}

/** Signs in, outside of any measurement. @returns the access token */
export async function accessTokenOf(target: Target, path: string, credentials: object): Promise<string> {
  const response = await fetch(`http://127.0.0.1:${target.port}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(credentials),
  });
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  return ((await response.json()) as Tokens).access_token;
}
