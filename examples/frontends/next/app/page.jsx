import { headers } from 'next/headers';
import { Shop } from './shop.jsx';

const { COUNTERSIGN = 'http://localhost:3000' } = process.env;

/** Who is signed in, asked on the server by the cookie of the browser; null where nobody is. */
async function whoIsThere() {
  const cookie = (await headers()).get('cookie');
  if (!cookie) return null;
  const response = await fetch(`${COUNTERSIGN}/auth/me`, { headers: { cookie }, cache: 'no-store' });
  if (response.status === 401) return null;
  if (!response.ok) throw new Error(`Countersign answered ${response.status}`);
  return response.json();
}

export default async function Page() {
  const me = await whoIsThere();
  return <Shop email={me?.email ?? null} />;
}
