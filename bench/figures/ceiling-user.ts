import type { Operation } from '../load.js';
import { PASSWORD } from '../population.js';
import { post, succeed } from '../requests.js';
import type { Target } from '../service.js';

const USER = { email: 'one@example.com', password: PASSWORD };

/** Returns the one account of the ceiling server. The first call makes it. */
export async function ceilingUser(limits: Target): Promise<typeof USER> {
  const response = await fetch(`http://127.0.0.1:${limits.port}/register`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(USER),
  });
  if (!response.ok && response.status !== 409) throw new Error(`The ceiling server answers ${response.status}`);
  return USER;
}

/** Signs in to the ceiling server. */
export const ceilingLogins =
  (user: typeof USER): Operation =>
  (connection) =>
    succeed(connection, post('/login', user));
