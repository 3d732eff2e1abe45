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

/** Creates a personal access token over HTTP, as the person. */
export const personalToken = (app: Place, person: string, body: object = {}): Promise<NewApiKeyView> =>
  create(app, '/api-keys', person, body);

/** Creates a key of a service account over HTTP, as an administrator. */
export const clientKey = (app: Place, admin: string, clientId: string, body: object = {}): Promise<NewApiKeyView> =>
  create(app, `/clients/${clientId}/api-keys`, admin, body);

/** Asks for the verdict on a request with this credential. */
export const verdictOn = (http: HttpClient, credential: string, query = ''): Promise<Answer<{ code: string }>> =>
  http.get(`/gateway/verify${query}`, { token: credential });

/** Returns the access token that a verdict passes to services. */
export const tokenIn = ({ headers }: Answer<unknown>): string =>
  /^Bearer (.+)$/.exec(headers.get('authorization') ?? '')?.[1] ?? '';
