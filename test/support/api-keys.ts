import type { NewApiKeyView } from '../../src/api-keys/api-keys.view.js';
import type { Answer, HttpClient } from './http-client.js';

/** A service that answers over HTTP. */
interface Place {
  readonly http: HttpClient;
}

async function create(app: Place, path: string, token: string, body: object): Promise<NewApiKeyView> {
  const answer = await app.http.post<NewApiKeyView>(path, { name: 'Nightly export', ...body }, { token });
  if (answer.status !== 201) throw new Error(`key: ${answer.status} ${answer.text}`);
  return answer.body;
}

/** A personal access token, made over HTTP by the person. */
export const personalToken = (app: Place, person: string, body: object = {}): Promise<NewApiKeyView> =>
  create(app, '/api-keys', person, body);

/** A key of a service account, made over HTTP by an administrator. */
export const clientKey = (app: Place, admin: string, clientId: string, body: object = {}): Promise<NewApiKeyView> =>
  create(app, `/clients/${clientId}/api-keys`, admin, body);

/** The verdict on a request with this credential. */
export const verdictOn = (http: HttpClient, credential: string, query = ''): Promise<Answer<{ code: string }>> =>
  http.get(`/gateway/verify${query}`, { token: credential });

/** The access token that a verdict hands to services. */
export const tokenIn = ({ headers }: Answer<unknown>): string =>
  /^Bearer (.+)$/.exec(headers.get('authorization') ?? '')?.[1] ?? '';
