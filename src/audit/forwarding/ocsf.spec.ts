import { describe, expect, it } from 'vitest';
import type { AuditEventView } from '../audit.view.js';
import { kindOf, ocsfOf } from './ocsf.js';

const EVENT: AuditEventView = {
  id: '019ada5e-9d0c-7000-8a51-1f6bd1ee2b8c',
  seq: 4711,
  at: new Date('2026-12-01T06:00:00.012Z'),
  event: 'session.opened',
  outcome: 'success',
  reason: null,
  actor: 'u1',
  subject: 'u1',
  client: 'web',
  address: '203.0.113.7',
  request_id: 'r1',
  details: { methods: ['pwd'] },
};

describe('an event by OCSF', () => {
  it('of a sign-in is an Authentication', () => {
    expect(ocsfOf(EVENT, 'https://auth.example.com')).toEqual({
      category_uid: 3,
      class_uid: 3002,
      activity_id: 1,
      type_uid: 300_201,
      severity_id: 1,
      status_id: 1,
      time: 1_796_104_800_012,
      metadata: {
        version: '1.4.0',
        product: { name: 'Countersign', vendor_name: 'Countersign' },
        log_name: 'audit',
        log_provider: 'https://auth.example.com',
        uid: EVENT.id,
        sequence: 4711,
        event_code: 'session.opened',
        correlation_uid: 'r1',
      },
      actor: { user: { uid: 'u1' } },
      src_endpoint: { ip: '203.0.113.7' },
      user: { uid: 'u1' },
      unmapped: { client: 'web', details: { methods: ['pwd'] } },
    });
  });

  it('of an unknown account names the hash of it', () => {
    const failed = { ...EVENT, event: 'sign_in.failed', outcome: 'failure', reason: 'unknown_account' } as const;
    const { user, status_id, status_detail } = ocsfOf(
      { ...failed, actor: null, subject: null, details: { account: 'h4sh' } },
      '',
    );
    expect({ user, status_id, status_detail }).toEqual({
      user: { uid: 'h4sh' },
      status_id: 2,
      status_detail: 'unknown_account',
    });
  });

  it.each([
    ['user.password_changed', 3001, 3],
    ['user.disabled', 3001, 5],
    ['user.roles_reduced', 3001, 99],
    ['client.secret_added', 3004, 1],
    ['users.listed', 3004, 2],
    ['client.updated', 3004, 3],
    ['api_key.deleted', 3004, 4],
    ['something.unheard_of', 3004, 99],
  ])('%s is %i/%i', (event, klass, activity) => expect(kindOf(event)).toEqual({ class: klass, activity }));
});
