import { describe, expect, it } from 'vitest';
import {
  SESSION_REVOKED,
  sessionRevoked,
  setClaimsOf,
  TOKEN_CLAIMS_CHANGE,
  tokenClaimsChange,
  VERIFICATION,
} from './security-event.js';

const NOW = 1_795_400_000;
const ISSUER = 'https://auth.example.com';
const USER = '0199f3a0-5c1e-7c3a-9f64-2f6f3c1d8b7a';
const SESSION = '0199f3a0-5c1e-7c3a-9f64-2f6f3c1d8b7b';
const SIGNAL = {
  id: '7e4f3a80-3c9d-4b1e-9d53-0a7c8f2b6e11',
  streamId: '0199f3a0-5c1e-7c3a-9f64-2f6f3c1d8b7c',
  txn: 'b7a0c1d2-0000-4000-8000-000000000000',
  createdAt: new Date(NOW * 1000 + 999),
};

describe('a security event token', () => {
  it('of a session names the session and its user', () => {
    const event = sessionRevoked('logout', NOW);
    const signal = { ...SIGNAL, type: SESSION_REVOKED, userId: USER, sessionId: SESSION, event };
    expect(setClaimsOf(signal, ISSUER, 'https://receiver.example.com')).toEqual({
      iss: ISSUER,
      jti: SIGNAL.id,
      iat: NOW,
      aud: 'https://receiver.example.com',
      txn: SIGNAL.txn,
      sub_id: {
        format: 'complex',
        user: { format: 'iss_sub', iss: ISSUER, sub: USER },
        session: { format: 'opaque', id: 'AZnzoFwefDqfZC9vPB2Lew' },
      },
      events: {
        'https://schemas.openid.net/secevent/caep/event-type/session-revoked': {
          event_timestamp: NOW,
          initiating_entity: 'user',
          reason_admin: { en: 'The user signed out' },
        },
      },
    });
  });

  it('of a user names the user, and the claims that have changed', () => {
    const event = tokenClaimsChange({ roles: ['user'] }, NOW);
    const signal = { ...SIGNAL, type: TOKEN_CLAIMS_CHANGE, userId: USER, sessionId: null, event };
    expect(setClaimsOf(signal, ISSUER, 'r')).toMatchObject({
      sub_id: { format: 'iss_sub', iss: ISSUER, sub: USER },
      events: { [TOKEN_CLAIMS_CHANGE]: { claims: { roles: ['user'] }, initiating_entity: 'admin' } },
    });
  });

  it('of a stream names the stream', () => {
    const signal = { ...SIGNAL, type: VERIFICATION, userId: null, sessionId: null, event: { state: 's' } };
    expect(setClaimsOf(signal, ISSUER, 'r')).toMatchObject({
      sub_id: { format: 'opaque', id: SIGNAL.streamId },
      events: { [VERIFICATION]: { state: 's' } },
    });
  });

  it('claims no initiator that it does not know', () =>
    expect(sessionRevoked('user_deleted', NOW)).toEqual({
      event_timestamp: NOW,
      reason_admin: { en: 'The account was deleted' },
    }));
});
