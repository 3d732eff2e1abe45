import type { Answer } from './http-client.js';
import type { ServiceAccount } from './service-account.js';

export const EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange';
export const ACCESS_TOKEN = 'urn:ietf:params:oauth:token-type:access_token';

/** Requests a token with which a service acts for the subject of another token. */
export const exchange = <Body = Record<string, string>>(
  service: ServiceAccount,
  subjectToken: string,
  form: Record<string, string> = {},
): Promise<Answer<Body>> =>
  service.send<Body>('/oauth/token', {
    grant_type: EXCHANGE,
    subject_token: subjectToken,
    subject_token_type: ACCESS_TOKEN,
    ...form,
  });

/** Returns the token of an exchange. */
export async function exchanged(
  service: ServiceAccount,
  subjectToken: string,
  form: Record<string, string> = {},
): Promise<string> {
  const { status, body, text } = await exchange(service, subjectToken, form);
  if (status !== 200) throw new Error(`exchange: ${status} ${text}`);
  return body['access_token']!;
}
