import { expect } from 'vitest';
import type { StreamView } from '../../src/shared-signals/streams/streams.view.js';
import type { TestApp } from './create-app.js';
import { decodeToken } from './decode-token.js';
import type { ReceivedSet } from './signal-receiver.js';

export const PUSH = 'urn:ietf:rfc:8935';
export const POLL = 'urn:ietf:rfc:8936';
export const SESSION_REVOKED = 'https://schemas.openid.net/secevent/caep/event-type/session-revoked';
export const TOKEN_CLAIMS_CHANGE = 'https://schemas.openid.net/secevent/caep/event-type/token-claims-change';
export const CREDENTIAL_CHANGE = 'https://schemas.openid.net/secevent/caep/event-type/credential-change';
export const VERIFICATION = 'https://schemas.openid.net/secevent/ssf/event-type/verification';
export const STREAM_UPDATED = 'https://schemas.openid.net/secevent/ssf/event-type/stream-updated';
export const AUDIENCE = 'https://receiver.example.com';

export const typeOf = (set: ReceivedSet): string => Object.keys(set.events).join();
export const eventOf = (set: ReceivedSet): Record<string, unknown> => Object.values(set.events)[0]!;
export const sidOf = (token: string): string => decodeToken<{ sid: string }>(token).claims.sid;
/** Returns the revoked sessions in the order in which the receiver got them. */
export const sessionsIn = (sets: readonly ReceivedSet[]): string[] =>
  sets.filter((set) => typeOf(set) === SESSION_REVOKED).map((set) => (set.sub_id['session'] as { id: string }).id);

/** An administrator who manages the streams, and users who cause events. */
export class SignalStreams {
  constructor(
    private readonly app: TestApp,
    private readonly adminEmail: string,
  ) {}

  /** Returns a new administrator's token each time, because tests move the clock by days. */
  async admin(): Promise<{ token: string }> {
    return { token: (await this.app.login(this.adminEmail)).access_token };
  }

  async create(settings: object = {}): Promise<StreamView> {
    const body = { aud: AUDIENCE, ...settings };
    const answer = await this.app.http.post<StreamView>('/shared-signals/streams', body, await this.admin());
    expect(answer.status).toBe(201);
    return answer.body;
  }

  async delete({ stream_id }: StreamView): Promise<void> {
    const path = `/shared-signals/streams?stream_id=${stream_id}`;
    expect((await this.app.http.delete(path, await this.admin())).status).toBe(204);
  }

  async setStatus({ stream_id }: StreamView, status: string, reason?: string): Promise<void> {
    const body = { stream_id, status, ...(reason && { reason }) };
    const answer = await this.app.http.post('/shared-signals/status', body, await this.admin());
    expect(answer).toMatchObject({ status: 200, body });
  }

  async statusOf({ stream_id }: StreamView): Promise<object> {
    return (await this.app.http.get(`/shared-signals/status?stream_id=${stream_id}`, await this.admin())).body;
  }

  async waiting(): Promise<number> {
    const [row] = await this.app.dataSource.query<[{ n: number }]>('SELECT count(*)::integer AS n FROM signal_events');
    return row.n;
  }

  /** Signs a user in and out again, a new user where none is named. Returns the session that ended. */
  async logout(email?: string): Promise<string> {
    const tokens = email ? await this.app.login(email) : (await this.app.signedInUser()).tokens;
    const { status } = await this.app.http.post('/auth/logout', undefined, { token: tokens.access_token });
    expect(status).toBe(204);
    return sidOf(tokens.access_token);
  }

  async setRoles(userId: string, roles: string[]): Promise<void> {
    expect((await this.app.http.patch(`/users/${userId}`, { roles }, await this.admin())).status).toBe(200);
  }
}
