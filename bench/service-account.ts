import type { Bench } from './bench.js';
import { query } from './database.js';
import { accessTokenOf } from './figures/operations.js';
import { PASSWORD } from './population.js';
import type { Service } from './service.js';

/** A service account of the ordinary service, created by an administrator. */
export interface ServiceAccount {
  readonly id: string;
  /** The value of its `Authorization` header. */
  readonly basic: string;
  /** Calls the administration. */
  admin<Body>(path: string, body: object): Promise<Body>;
}

const SETTINGS = { name: 'Bench', scopes: ['orders:read', 'orders:write'], served_audiences: ['api'] };

export async function createServiceAccount(bench: Bench): Promise<ServiceAccount> {
  const { service } = await bench.peopled();
  const admin = await administrator(bench, service);
  const { id } = await admin<{ id: string }>('/clients', SETTINGS);
  const { secret } = await admin<{ secret: string }>(`/clients/${id}/secrets`, {});
  return { id, basic: `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`, admin };
}

async function administrator(bench: Bench, service: Service): Promise<ServiceAccount['admin']> {
  const email = 'user1@example.com';
  await query(bench.database.urlOf('ordinary'), "UPDATE users SET roles = '{admin,user}' WHERE email = $1", [email]);
  const token = await accessTokenOf(service, '/auth/login', { email, password: PASSWORD });
  return async (path, body) => {
    const response = await fetch(`http://127.0.0.1:${service.port}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body: JSON.stringify(body),
    });
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return response.json() as never;
  };
}
