/** An answer with its body parsed, where it has one. */
export interface Answer<Body = Record<string, unknown>> {
  status: number;
  headers: Headers;
  body: Body;
  text: string;
}

export interface RequestOptions {
  token?: string | undefined;
  headers?: Record<string, string>;
  /** The body, sent as JSON unless it is a string. */
  body?: unknown;
}

/** Sends requests to the application over HTTP. */
export class HttpClient {
  constructor(readonly baseUrl: string) {}

  async send<Body = Record<string, never>>(
    method: string,
    path: string,
    options: RequestOptions = {},
  ): Promise<Answer<Body>> {
    const { token, headers = {}, body } = options;
    const response = await fetch(this.baseUrl + path, {
      method,
      headers: {
        ...(token && { authorization: `Bearer ${token}` }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      redirect: 'manual',
    });
    const text = await response.text();
    const json = /json/.test(response.headers.get('content-type') ?? '') && text !== '';
    return {
      status: response.status,
      headers: response.headers,
      text,
      body: (json ? JSON.parse(text) : undefined) as Body,
    };
  }

  get<Body = Record<string, never>>(path: string, options?: RequestOptions) {
    return this.send<Body>('GET', path, options);
  }

  post<Body = Record<string, never>>(path: string, body?: unknown, options: RequestOptions = {}) {
    return this.send<Body>('POST', path, { ...options, body });
  }

  patch<Body = Record<string, never>>(path: string, body: unknown, options: RequestOptions = {}) {
    return this.send<Body>('PATCH', path, { ...options, body });
  }

  delete<Body = Record<string, never>>(path: string, options?: RequestOptions) {
    return this.send<Body>('DELETE', path, options);
  }
}
