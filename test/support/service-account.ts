import type { ClientView, NewClientSecretView } from '../../src/clients/clients.view.js';
import type { Answer, HttpClient } from './http-client.js';

/** A service that answers over HTTP. */
interface Place {
  readonly http: HttpClient;
}

/** A service account with its first secret, which sends requests to `/oauth`. */
export class ServiceAccount {
  private constructor(
    private readonly app: Place,
    readonly client: ClientView,
    readonly secret: string,
    readonly secretId: string,
  ) {}

  /** Creates a service account over HTTP, as an administrator. */
  static async create(app: Place, admin: string, settings: object = {}): Promise<ServiceAccount> {
    const created = await app.http.post<ClientView>('/clients', { name: 'Orders', ...settings }, { token: admin });
    if (created.status !== 201) throw new Error(`client: ${created.status} ${created.text}`);
    const path = `/clients/${created.body.id}/secrets`;
    const { body } = await app.http.post<NewClientSecretView>(path, {}, { token: admin });
    return new ServiceAccount(app, created.body, body.secret, body.id);
  }

  get id(): string {
    return this.client.id;
  }

  get basic(): string {
    return `Basic ${Buffer.from(`${this.id}:${this.secret}`).toString('base64')}`;
  }

  /** Sends a form as this client. */
  send<Body = Record<string, string>>(path: string, form: Record<string, string>): Promise<Answer<Body>> {
    return sendForm<Body>(this.app, path, form, { authorization: this.basic });
  }

  /** Gets an access token by its own credentials. */
  async token(form: Record<string, string> = {}): Promise<string> {
    const { status, body, text } = await this.send('/oauth/token', { grant_type: 'client_credentials', ...form });
    if (status !== 200) throw new Error(`token: ${status} ${text}`);
    return body['access_token']!;
  }
}

/** Encodes a form as OAuth clients do. */
export const formOf = (
  form: Record<string, string> | string[][],
  headers: Record<string, string> = {},
): { headers: Record<string, string>; body: string } => ({
  headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
  body: new URLSearchParams(form as Record<string, string>).toString(),
});

/** Sends a form. */
export const sendForm = <Body = Record<string, string>>(
  app: Place,
  path: string,
  form: Record<string, string> | string[][],
  headers: Record<string, string> = {},
): Promise<Answer<Body>> => app.http.send<Body>('POST', path, formOf(form, headers));
