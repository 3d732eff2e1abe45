// The session is in a cookie that no script can read, so there is nothing to keep and nothing to refresh here.

async function call(method, path, body) {
  const response = await fetch(path, {
    method,
    ...(body && { headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) }),
  });
  if (response.ok) return response.status === 204 ? null : response.json();
  // A problem (RFC 9457): `code` is for programs, `title` and `detail` are for people.
  const problem = await response.json().catch(() => ({ title: response.statusText }));
  throw Object.assign(new Error(problem.title), { status: response.status, code: problem.code });
}

export const signIn = (email, password) => call('POST', '/auth/login', { email, password, transport: 'cookie' });
export const signOut = () => call('POST', '/auth/logout');

/** Who is signed in; null where nobody is. */
export const whoIsThere = () =>
  call('GET', '/auth/me').catch((error) => {
    if (error.status === 401) return null;
    throw error;
  });

export const orders = () => call('GET', '/api/orders');
export const order = (item) => call('POST', '/api/orders', { item });
