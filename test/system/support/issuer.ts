import type { ClientView, NewClientSecretView } from '../../../src/clients/clients.view.js';
import type { HttpClient } from '../../support/http-client.js';
import { freePort } from './free-port.js';
import { PASSWORD, type Scene, type Variables } from './service.js';

export interface ServiceClient {
  id: string;
  secret: string;
}

/** A service that others find by its public URL, and its administrator. */
export class Issuer {
  private constructor(
    readonly url: string,
    readonly http: HttpClient,
    private readonly token: string,
  ) {}

  static async start(scene: Scene, variables: Variables = {}): Promise<Issuer> {
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    const admin = { email: 'admin@example.com', password: PASSWORD };
    const { http } = await scene.start({
      PORT: String(port),
      PUBLIC_URL: url,
      ADMIN_EMAIL: admin.email,
      ADMIN_PASSWORD: admin.password,
      ...variables,
    });
    const { body } = await http.post<{ access_token: string }>('/auth/login', admin);
    return new Issuer(url, http, body.access_token);
  }

  async createClient(settings: object): Promise<ServiceClient> {
    const { body } = await this.http.post<ClientView>(
      '/clients',
      { name: 'Orders', ...settings },
      { token: this.token },
    );
    const secret = await this.http.post<NewClientSecretView>(`/clients/${body.id}/secrets`, {}, { token: this.token });
    return { id: body.id, secret: secret.body.secret };
  }
}
