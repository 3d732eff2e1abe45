import { NextResponse } from 'next/server';

const { COUNTERSIGN = 'http://localhost:3000', SERVICE = 'http://localhost:4000' } = process.env;

/** What a verdict depends on, beside the method. */
const ASKED = ['authorization', 'cookie', 'dpop', 'origin', 'sec-fetch-site', 'sec-websocket-key', 'content-type'];

/**
 * What the gateway does in production: asks Countersign before a request goes on to a service, and hands it the access token in
 * the place of the cookie.
 */
export async function proxy(request) {
  const asked = ASKED.map((name) => [name, request.headers.get(name)]).filter(([, value]) => value !== null);
  const verdict = await fetch(`${COUNTERSIGN}/gateway/verify`, {
    headers: [...asked, ['x-forwarded-method', request.method]],
    cache: 'no-store',
  });
  if (verdict.status !== 200) {
    const headers = { 'Content-Type': 'application/problem+json', 'Cache-Control': 'no-store' };
    return new NextResponse(await verdict.text(), { status: verdict.status, headers });
  }
  const headers = new Headers(request.headers);
  for (const [name, value] of verdict.headers) {
    if (name === 'authorization' || name.startsWith('x-auth-')) headers.set(name, value);
  }
  headers.delete('cookie');
  const { pathname, search } = request.nextUrl;
  return NextResponse.rewrite(new URL(pathname + search, SERVICE), { request: { headers } });
}

export const config = { matcher: '/api/:path*' };
