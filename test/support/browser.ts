import type { Answer, HttpClient, RequestOptions } from './http-client.js';

/** The headers of a browser for a request by a page of the same origin. */
export const SAME_ORIGIN = { 'sec-fetch-site': 'same-origin' };

/** A client with a cookie jar for one host, like a page of that host. */
export class Browser {
  readonly jar = new Map<string, string>();
  /** The `Set-Cookie` lines of the last answer. */
  received: string[] = [];

  constructor(private readonly http: HttpClient) {}

  /** The session's cookie in the jar. */
  get session(): string | undefined {
    return this.jar.get('countersign') ?? this.jar.get('__Host-countersign');
  }

  async send<Body = { code: string; detail?: string }>(
    method: string,
    path: string,
    options: RequestOptions = {},
  ): Promise<Answer<Body>> {
    const cookie = [...this.jar].map(([name, value]) => `${name}=${value}`).join('; ');
    const headers = { ...SAME_ORIGIN, ...(cookie && { cookie }), ...options.headers };
    const answer = await this.http.send<Body>(method, path, { ...options, headers });
    this.received = answer.headers.getSetCookie();
    for (const line of this.received) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line)!;
      if (/; Max-Age=0(;|$)/.test(line)) this.jar.delete(name!);
      else this.jar.set(name!, value!);
    }
    return answer;
  }

  get<Body = { code: string; detail?: string }>(path: string, options?: RequestOptions) {
    return this.send<Body>('GET', path, options);
  }

  post<Body = { code: string; detail?: string }>(path: string, body?: unknown, options: RequestOptions = {}) {
    return this.send<Body>('POST', path, { ...options, body });
  }

  /** Signs in, and throws where that fails. */
  async signIn(email: string, password: string): Promise<string> {
    const { status, text } = await this.post('/auth/login', { email, password, transport: 'cookie' });
    if (status !== 200) throw new Error(`login of ${email}: ${status} ${text}`);
    return this.session!;
  }

  /** Asks for the verdict on a GET of this browser, as a gateway does. */
  verdict(headers: Record<string, string> = {}, query = '') {
    return this.get(`/gateway/verify${query}`, { headers: { 'x-forwarded-method': 'GET', ...headers } });
  }
}

/** Returns the token of a verdict. */
export const tokenIn = ({ headers }: { headers: Headers }): string | undefined =>
  /^Bearer (\S+)$/.exec(headers.get('authorization') ?? '')?.[1];
