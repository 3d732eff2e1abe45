import { expect } from 'vitest';
import type { Authentication } from '../../src/sessions/new-session.js';
import type { OpenedSession } from '../../src/sessions/sessions.service.js';
import { SessionsService } from '../../src/sessions/sessions.service.js';
import { SessionTokens } from '../../src/sessions/session-tokens.js';
import type { TokenResponse } from '../../src/sessions/token.view.js';
import type { User } from '../../src/users/user.entity.js';
import type { TestApp } from './create-app.js';
import type { ServiceAccount } from './service-account.js';

/** The settings of a client that people sign in to, and that also acts for itself. */
export const APPLICATION = {
  grant_types: ['client_credentials', 'authorization_code'],
  redirect_uris: ['https://app.example/callback'],
};

const DEVICE = { userAgent: null, address: '127.0.0.1' };

/** A session with its first tokens. */
export interface ClientSession {
  id: string;
  tokens: TokenResponse;
}

const answered = async (app: TestApp, { claim, facts }: OpenedSession): Promise<ClientSession> => ({
  id: claim.sessionId,
  tokens: await app.app.get(SessionTokens).issue(facts, claim),
});

/** Opens the session of a browser, like a sign-in by password. */
export async function openParent(
  app: TestApp,
  user: User,
  authentication: Authentication = { at: app.clock.date(), methods: ['pwd'], level: 'aal1' },
): Promise<ClientSession> {
  const credentialsVersion = user.credentialsVersion;
  const opened = await app.app
    .get(SessionsService)
    .open({ userId: user.id, credentialsVersion, authentication, device: DEVICE });
  return answered(app, opened!);
}

/** Opens the session of an application under that of a browser; null where it does not open. */
export async function openChild(
  app: TestApp,
  userId: string,
  parentId: string,
  client = { id: 'portal', scopes: ['orders:read', 'orders:write'], audiences: ['orders'] },
): Promise<ClientSession | null> {
  const opened = await app.app.get(SessionsService).open({ userId, parentId, client, device: DEVICE });
  return opened && answered(app, opened);
}

export async function sessionIdsOf(app: TestApp, userId: string): Promise<string[]> {
  const rows = await app.dataSource.query<{ id: string }[]>('SELECT id FROM sessions WHERE user_id = $1', [userId]);
  return rows.map(({ id }) => id);
}

/** Checks that the revocation log has each session once, without gaps, and that their tokens are refused. */
export async function expectAllRevoked(
  app: TestApp,
  observer: ServiceAccount,
  sessions: readonly ClientSession[],
): Promise<void> {
  const ids = sessions.map(({ id }) => id);
  const logged = await app.dataSource.query<{ seq: string }[]>(
    'SELECT seq FROM revocations WHERE session_id = ANY ($1) ORDER BY seq',
    [ids],
  );
  const first = Number(logged[0]!.seq);
  expect(logged.map(({ seq }) => Number(seq))).toEqual(ids.map((_, index) => first + index));
  for (const { tokens } of sessions) {
    const form = { token: tokens.access_token };
    expect((await observer.send('/oauth/introspect', form)).body).toEqual({ active: false });
  }
}
