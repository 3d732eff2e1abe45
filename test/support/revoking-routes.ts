import { randomUUID } from 'node:crypto';
import { Invitation } from '../../src/accounts/invitations/invitation.entity.js';
import { OneTimeValues } from '../../src/platform/one-time/one-time-values.js';
import {
  INVITATION,
  EMAIL_CHANGE,
  EMAIL_UNDO,
  EMAIL_VERIFICATION,
  PASSWORD_RECOVERY,
} from '../../src/accounts/purposes.js';
import type { OneTimePurpose } from '../../src/platform/one-time/one-time-purpose.js';
import type { TokenResponse } from '../../src/sessions/token.view.js';
import type { User } from '../../src/users/user.entity.js';
import { clientKey, personalToken, tokenIn, verdictOn } from './api-keys.js';
import { PASSWORD, TestApp } from './create-app.js';
import { decodeToken } from './decode-token.js';
import type { Answer, HttpClient } from './http-client.js';
import { mailedToken } from './mailed-token.js';
import { codeOf, RelyingParty, Visitor } from './relying-party.js';
import { sendForm, ServiceAccount } from './service-account.js';

export interface Scene {
  user: User;
  tokens: TokenResponse;
  other: TokenResponse;
  admin: string;
  /** A service, and a token of its own. */
  account: ServiceAccount;
  accountToken: Pick<TokenResponse, 'access_token'>;
}

type Revoke = (http: HttpClient, scene: Scene, query: string) => Promise<Answer<unknown>>;

export const sidOf = ({ access_token }: TokenResponse): string => decodeToken<{ sid: string }>(access_token).claims.sid;

/** Every route that revokes, and a request to it that refuses the first token of the scene, or that of its service. */
export const ROUTES: Record<string, Revoke> = {
  'POST /auth/logout': (http, { tokens }, query) =>
    http.post(`/auth/logout${query}`, undefined, { token: tokens.access_token }),
  'POST /auth/password': (http, { other }, query) =>
    http.post(
      `/auth/password${query}`,
      { current_password: PASSWORD, new_password: 'a new and better one' },
      { token: other.access_token },
    ),
  'DELETE /sessions': (http, { other }, query) => http.delete(`/sessions${query}`, { token: other.access_token }),
  'DELETE /sessions/{id}': (http, { tokens, other }, query) =>
    http.delete(`/sessions/${sidOf(tokens)}${query}`, { token: other.access_token }),
  'DELETE /users/me': (http, { other }, query) => http.delete(`/users/me${query}`, { token: other.access_token }),
  'PATCH /users/{id}': (http, { user, admin }, query) =>
    http.patch(`/users/${user.id}${query}`, { roles: ['user'] }, { token: admin }),
  'PUT /users/{id}/password': (http, { user, admin }, query) =>
    http.send('PUT', `/users/${user.id}/password${query}`, {
      token: admin,
      body: { password: 'a temporary and good one' },
    }),
  'DELETE /users/{id}': (http, { user, admin }, query) => http.delete(`/users/${user.id}${query}`, { token: admin }),
  'DELETE /users/{id}/sessions': (http, { user, admin }, query) =>
    http.delete(`/users/${user.id}/sessions${query}`, { token: admin }),
  'POST /revocations': (http, { user, admin }, query) =>
    http.post(`/revocations${query}`, { user_id: user.id }, { token: admin }),
  'PATCH /clients/{id}': (http, { account, admin }, query) =>
    http.patch(`/clients/${account.id}${query}`, { status: 'disabled' }, { token: admin }),
  'DELETE /clients/{id}': (http, { account, admin }, query) =>
    http.delete(`/clients/${account.id}${query}`, { token: admin }),
  'DELETE /clients/{id}/secrets/{secret_id}': (http, { account, admin }, query) =>
    http.delete(`/clients/${account.id}/secrets/${account.secretId}${query}`, { token: admin }),
  // Last, for it refuses every token.
  'POST /keys/rotate': (http, { admin }, query) =>
    http.post(`/keys/rotate${query}`, { emergency: true }, { token: admin }),
};

type Request = [method: string, path: string, body?: object];

/** What an administrator does to a service account, and what there must be before. */
const ofService =
  (request: (client: ServiceAccount, made: string) => Request, made?: [path: string, body: object]): Prepare =>
  async (app, { admin: token }) => {
    const client = await ServiceAccount.create(app, token);
    const path = `/clients/${client.id}/${made?.[0]}`;
    const { id = '' } = made ? (await app.http.post<{ id: string }>(path, made[1], { token })).body : {};
    const [method, target, body] = request(client, id);
    const revoke = (query: string) => app.http.send(method, `${target}${query}`, { token, ...(body && { body }) });
    return { token: await client.token(), revoke };
  };

/** A token, and the request that refuses it. */
type Prepare = (
  app: TestApp,
  scene: Scene,
) => Promise<{ token: string; revoke: (query: string) => Promise<Answer<unknown>> }>;

/** What a person does with the link of a mail. */
const byMail =
  <D extends object>(path: string, purpose: OneTimePurpose<D>, more = {}): Prepare =>
  async (app, { user, tokens }) => {
    const body = { token: await mailedToken(app, purpose, user), ...more };
    return { token: tokens.access_token, revoke: (query) => app.http.post(path + query, body) };
  };

/** The routes that refuse tokens of services and of keys, or that are asked with a form. */
export const OTHER_ROUTES: Record<string, Prepare> = {
  'PATCH /clients/{id}': ofService(({ id }) => ['PATCH', `/clients/${id}`, { status: 'disabled' }]),
  'DELETE /clients/{id}': ofService(({ id }) => ['DELETE', `/clients/${id}`]),
  'DELETE /clients/{id}/secrets/{secret_id}': ofService(
    ({ id }, made) => ['DELETE', `/clients/${id}/secrets/${made}`],
    ['secrets', {}],
  ),
  'DELETE /clients/{id}/workload-identities/{identity_id}': ofService(
    ({ id }, made) => ['DELETE', `/clients/${id}/workload-identities/${made}`],
    [
      'workload-identities',
      { issuer: 'https://ci.example.com', subject: 'build', jwks_uri: 'https://ci.example.com/k' },
    ],
  ),
  'DELETE /clients/{id}/api-keys/{key_id}': async (app, { admin: token }) => {
    const { id } = await ServiceAccount.create(app, token);
    const key = await clientKey(app, token, id);
    const path = `/clients/${id}/api-keys/${key.id}`;
    return {
      token: tokenIn(await verdictOn(app.http, key.api_key)),
      revoke: (query) => app.http.delete(`${path}${query}`, { token }),
    };
  },
  'DELETE /consents/{id}': async (app, { user, other: { access_token: token } }) => {
    const party = await RelyingParty.create(app);
    const visitor = new Visitor(app.http);
    const { location } = await visitor.signInAt(party.request({ prompt: 'consent' }), user.email);
    const allowed = await visitor.submit(await visitor.follow(`/${location}`), { consent: 'allow' });
    const { body } = await party.redeem(codeOf(allowed.location));
    return {
      token: body.access_token,
      revoke: (query) => app.http.delete(`/consents/${party.id}${query}`, { token }),
    };
  },
  'DELETE /api-keys/{id}': async (app, { other: { access_token: token } }) => {
    const key = await personalToken(app, token);
    return {
      token: tokenIn(await verdictOn(app.http, key.api_key)),
      revoke: (query) => app.http.delete(`/api-keys/${key.id}${query}`, { token }),
    };
  },
  'DELETE /users/{id}/api-keys/{key_id}': async (app, { user, tokens, admin: token }) => {
    const key = await personalToken(app, tokens.access_token);
    const revoke = (query: string) => app.http.delete(`/users/${user.id}/api-keys/${key.id}${query}`, { token });
    return { token: tokenIn(await verdictOn(app.http, key.api_key)), revoke };
  },
  'POST /auth/password/reset': byMail('/auth/password/reset', PASSWORD_RECOVERY, {
    password: 'a forgotten and new one',
  }),
  'POST /auth/email/verify': byMail('/auth/email/verify', EMAIL_VERIFICATION, {
    new_password: 'a forgotten and new one',
  }),
  'POST /auth/email/confirm': byMail('/auth/email/confirm', EMAIL_CHANGE),
  'POST /auth/email/undo': byMail('/auth/email/undo', EMAIL_UNDO),
  // Somebody has registered with the address before its owner accepts.
  'POST /auth/invitations/accept': async (app, { user, tokens }) => {
    const invitation = { id: randomUUID(), email: user.email, emailFolded: user.emailFolded!, userId: null };
    const [createdAt, expiresAt] = [app.clock.date(), new Date(app.clock.now() + 3_600_000)];
    const rest = { roles: ['user'], locale: null, createdAt, expiresAt };
    await app.dataSource.getRepository(Invitation).insert({ ...invitation, ...rest });
    const values = app.app.get(OneTimeValues);
    const value = await values.issue(INVITATION, { subject: invitation.id, data: {} }, app.dataSource.manager);
    const body = { token: values.tokenOf(INVITATION, value.id), password: 'a forgotten and new one' };
    const revoke = (query: string) => app.http.post(`/auth/invitations/accept${query}`, body);
    return { token: tokens.access_token, revoke };
  },
  'POST /oauth/revoke': async (app, { tokens: { access_token: token, refresh_token } }) => {
    const form = { token: refresh_token, client_id: 'web' };
    return { token, revoke: (query) => sendForm(app, `/oauth/revoke${query}`, form) };
  },
};
