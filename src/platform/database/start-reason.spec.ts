import { describe, expect, it } from 'vitest';
import { StartFault } from '../../common/errors.js';
import { reasonOf, startFaultOf } from './start-reason.js';

const URL_WITH_SECRETS = 'postgres://ke%C3%A9per:p%40ss.w%2Brd@db.example/name';
const fault = (message: string, code?: string): Error => Object.assign(new Error(message), { code });

describe('what is told of a database that does not let us in', () => {
  it('is why, and nothing of user name and password', () => {
    for (const [message, told] of [
      ['password authentication failed for user "keéper"', 'password authentication failed for user "…"'],
      ['Passwort-Authentifizierung für Benutzer »keéper«', 'Passwort-Authentifizierung für Benutzer »…«'],
      ['could not use p@ss.w+rd or p%40ss.w%2Brd of ke%C3%A9per', 'could not use … or … of …'],
      ['getaddrinfo ENOTFOUND db.example', 'getaddrinfo ENOTFOUND db.example'],
    ] as const) {
      expect(reasonOf(new Error(message), URL_WITH_SECRETS)).toBe(told);
    }
    const several = new AggregateError([new Error('connect ECONNREFUSED ::1:5432'), new Error('for p@ss.w+rd')]);
    expect(reasonOf(several, URL_WITH_SECRETS)).toBe('connect ECONNREFUSED ::1:5432, for …');
    expect(reasonOf(new Error('plain'), 'postgres://db/name')).toBe('plain');
  });

  it('names the setting; a mistake of ours stays as it is', () => {
    const told = (error: Error, isAway: boolean) => startFaultOf(error, 'DATABASE_URL', URL_WITH_SECRETS, isAway);
    const refused = told(fault('password authentication failed for user "keéper"', '28P01'), false) as Error;
    expect(refused).toBeInstanceOf(StartFault);
    expect(refused.message).toMatch(/^PostgreSQL refuses DATABASE_URL: .*"…"\.$/);
    const away = told(fault('connect ECONNREFUSED', 'ECONNREFUSED'), true) as Error;
    expect(away.message).toContain('cannot be reached (connect ECONNREFUSED). Check DATABASE_URL');
    const ours = fault('syntax error', '42601');
    expect(told(ours, false)).toBe(ours);
  });
});
