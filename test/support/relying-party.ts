import { createHash, randomBytes } from 'node:crypto';
import type { ClientView } from '../../src/clients/clients.view.js';
import type { TokenResponse } from '../../src/sessions/token.view.js';
import { Browser } from './browser.js';
import { PASSWORD, type TestApp } from './create-app.js';
import type { Answer } from './http-client.js';
import { ServiceAccount, sendForm } from './service-account.js';

export const CALLBACK = 'https://app.example/callback';

/** A browser that an application has sent here, with the cookies of this service. */
export class Visitor extends Browser {
  /** Follows redirects on this service. Returns the first answer that is none, or leads elsewhere. */
  async follow(path: string): Promise<Answer<unknown> & { path: string; location: string | null }> {
    for (let at = path; ;) {
      const answer = await this.get(at);
      const location = answer.headers.get('location');
      if (location === null || /^[a-z][a-z.+-]*:/.test(location)) return { ...answer, path: at, location };
      const { pathname, search } = new URL(location, `http://here${at}`);
      at = pathname + search;
    }
  }

  /** Sends the form of a page, with its hidden fields. Returns the answer, and the path of its redirect. */
  async submit(page: { path: string; text: string }, fields: Record<string, string>) {
    const { pathname } = new URL(page.path, 'http://here');
    const body = new URLSearchParams({ ...hiddenFieldsOf(page.text), ...fields }).toString();
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const answer = await this.send('POST', pathname, { headers, body });
    return { ...answer, path: pathname, location: answer.headers.get('location') };
  }

  /** Signs in on the page to which the authorization request leads. */
  async signInAt(path: string, email: string, password = PASSWORD) {
    return this.submit(await this.follow(path), { email, password });
  }
}

export function hiddenFieldsOf(page: string): Record<string, string> {
  const inputs = page.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)"/g);
  return Object.fromEntries([...inputs].map(([, name, value]) => [name!, unescapeHtml(value!)]));
}

const unescapeHtml = (text: string): string =>
  text
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&');

/** An application that people sign in to. */
export class RelyingParty {
  readonly verifier = randomBytes(32).toString('base64url');

  private constructor(
    private readonly app: TestApp,
    readonly client: ClientView,
    readonly credential: { client_secret?: string },
  ) {}

  static async create(app: TestApp, settings: object = {}): Promise<RelyingParty> {
    const admin = await app.adminToken();
    const all = { name: 'App', redirect_uris: [CALLBACK], first_party: true, ...settings };
    if ((all as { type?: string }).type === 'confidential') {
      const { client, secret } = await ServiceAccount.create(app, admin, all);
      return new RelyingParty(app, client, { client_secret: secret });
    }
    const { body, status, text } = await app.http.post<ClientView>(
      '/clients',
      { type: 'public', ...all },
      { token: admin },
    );
    if (status !== 201) throw new Error(text);
    return new RelyingParty(app, body, {});
  }

  get id(): string {
    return this.client.id;
  }

  /** Returns the path of an authorization request. `undefined` leaves a parameter out. */
  request(parameters: Record<string, string | undefined> = {}): string {
    const challenge = createHash('sha256').update(this.verifier).digest('base64url');
    const all = {
      client_id: this.id,
      redirect_uri: CALLBACK,
      response_type: 'code',
      scope: 'openid profile email',
      state: 'a state',
      nonce: 'a nonce',
      code_challenge: challenge,
      code_challenge_method: 'S256',
      ...parameters,
    };
    const given = Object.entries(all).filter((pair): pair is [string, string] => pair[1] !== undefined);
    return `/oauth/authorize?${new URLSearchParams(given).toString()}`;
  }

  redeem<Body = TokenResponse & { error?: string }>(code: string, parameters: Record<string, string> = {}) {
    return this.token<Body>({
      grant_type: 'authorization_code',
      code,
      redirect_uri: CALLBACK,
      code_verifier: this.verifier,
      ...parameters,
    });
  }

  refresh<Body = TokenResponse & { error?: string }>(token: string, parameters: Record<string, string> = {}) {
    return this.token<Body>({ grant_type: 'refresh_token', refresh_token: token, ...parameters });
  }

  /** Signs a person in in this browser, and redeems the code. */
  async signIn(visitor: Visitor, email: string): Promise<TokenResponse> {
    const { location, text } = await visitor.signInAt(this.request(), email);
    if (location === null) throw new Error(text);
    return (await this.redeem(codeOf(location))).body;
  }

  token<Body = TokenResponse & { error?: string }>(form: Record<string, string>): Promise<Answer<Body>> {
    return sendForm<Body>(this.app, '/oauth/token', { client_id: this.id, ...this.credential, ...form });
  }
}

/** Returns the parameters of the answer that a redirect carries. */
export const answerOf = (location: string | null): Record<string, string> =>
  Object.fromEntries(new URL(location ?? 'missing:').searchParams);

export const codeOf = (location: string | null): string => {
  const { code } = answerOf(location);
  if (code === undefined) throw new Error(`There is no code in ${location}`);
  return code;
};
