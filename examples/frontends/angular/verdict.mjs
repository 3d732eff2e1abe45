// What the gateway does in production, for the proxy of a development server: asks Countersign before a request goes on to a
// service, and hands it the access token in the place of the cookie.

const COUNTERSIGN = process.env.COUNTERSIGN ?? 'http://localhost:3000';

/** What a verdict depends on, beside the method. */
const ASKED = ['authorization', 'cookie', 'dpop', 'origin', 'sec-fetch-site', 'sec-websocket-key', 'content-type'];

/**
 * For `bypass` of a proxy of Vite, or of Angular, which is Vite's.
 *
 * @param {import('node:http').IncomingMessage} request
 * @param {import('node:http').ServerResponse | undefined} response none for a WebSocket
 */
export async function askCountersign(request, response) {
  const headers = ASKED.map((name) => [name, request.headers[name]]).filter(([, value]) => value !== undefined);
  const verdict = await fetch(`${COUNTERSIGN}/gateway/verify`, {
    headers: [...headers, ['x-forwarded-method', request.method]],
  });
  if (verdict.status !== 200) {
    if (!response) return false;
    response.writeHead(verdict.status, { 'Content-Type': 'application/problem+json', 'Cache-Control': 'no-store' });
    response.end(await verdict.text());
    return request.url;
  }
  for (const [name, value] of verdict.headers) {
    if (name === 'authorization' || name.startsWith('x-auth-')) request.headers[name] = value;
  }
  delete request.headers.cookie;
  return undefined;
}
