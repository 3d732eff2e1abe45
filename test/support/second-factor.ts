import { hotp, stepOf } from '../../src/mfa/totp/totp.js';
import { decodeToken } from './decode-token.js';
import type { TestApp } from './create-app.js';
import type { Answer } from './http-client.js';

const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** Decodes a secret as an app does that a person has typed it into. */
function secretOf(text: string): Buffer {
  const bits = Array.from(text, (character) => BASE32.indexOf(character).toString(2).padStart(5, '0')).join('');
  return Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)));
}

/** The answer of a first step. */
export interface MfaRequired {
  code: string;
  mfa_token: string;
  methods: string[];
  expires_in: number;
}

/** An authenticator app, on a phone whose clock is that of the service. */
export class Authenticator {
  private constructor(
    private readonly app: TestApp,
    readonly id: string,
    private readonly secret: Buffer,
  ) {}

  /** Sets an app up for the owner of an access token, and confirms it. */
  static async setUp(app: TestApp, token: string): Promise<Authenticator> {
    const { sub } = decodeToken<{ sub: string }>(token).claims;
    await app.dataSource.query(
      'UPDATE users SET email_verified_at = coalesce(email_verified_at, now()) WHERE id = $1',
      [sub],
    );
    const { status, body, text } = await app.http.post<{ id: string; secret: string }>('/mfa/totp', {}, { token });
    if (status !== 201) throw new Error(`totp: ${status} ${text}`);
    const authenticator = new Authenticator(app, body.id, secretOf(body.secret));
    const confirmed = await app.http.post(`/mfa/totp/${body.id}/confirm`, { code: authenticator.code() }, { token });
    if (confirmed.status !== 204) throw new Error(`confirm: ${confirmed.status} ${confirmed.text}`);
    // The next code is another one.
    app.clock.advance(30);
    return authenticator;
  }

  /** The code that the app shows; `steps`: so many steps later. */
  code(steps = 0): string {
    return hotp(this.secret, stepOf(this.app.clock.seconds()) + steps);
  }

  /** A code that the app does not show. */
  wrongCode(): string {
    const shown = new Set([-1, 0, 1].map((steps) => this.code(steps)));
    return ['000000', '111111', '222222', '333333'].find((code) => !shown.has(code))!;
  }
}

/** Takes the first step of a sign-in. */
export const firstStep = (app: TestApp, email: string, password: string): Promise<Answer<MfaRequired>> =>
  app.http.post<MfaRequired>('/auth/login', { email, password });
