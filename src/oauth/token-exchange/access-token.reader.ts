import { Injectable } from '@nestjs/common';
import { AppError } from '../../common/errors.js';
import { isPerson, type Principal } from '../../common/principal.js';
import { jsonObjectOf } from '../../jose/jws.js';
import { RevocationService } from '../../revocation/revocation.service.js';
import { AccessTokens } from '../../tokens/access-tokens.js';
import type { AccessTokenClaims } from '../../tokens/claims.js';
import { refusedSubject, type Subject, type SubjectTokenReader } from './subject-token.js';

export const ACCESS_TOKEN = 'urn:ietf:params:oauth:token-type:access_token';
// RFC 8693 3: another type for the same token, which names its form.
const JWT = 'urn:ietf:params:oauth:token-type:jwt';

/** Reads our own access tokens: of people, of services, and of services that already act for another subject. */
@Injectable()
export class AccessTokenReader implements SubjectTokenReader {
  readonly types = [ACCESS_TOKEN, JWT];

  constructor(
    private readonly tokens: AccessTokens,
    private readonly revocations: RevocationService,
  ) {}

  async read(token: string): Promise<Subject> {
    const principal = await this.verify(token);
    // RFC 9449 1: a caller that holds nothing but the token cannot use it.
    if (principal.keyThumbprint !== null) throw refusedSubject('is bound to a key');
    return {
      id: principal.subject,
      session: principal.session,
      audiences: principal.audiences,
      scopes: isPerson(principal) && principal.scopes.length === 0 ? null : principal.scopes,
      roles: principal.roles,
      email: principal.email,
      actor: principal.actor ?? programOf(principal),
      issuedAt: principal.issuedAt,
      expiresAt: principal.expiresAt,
      statusList: statusListOf(token),
    };
  }

  private async verify(token: string): Promise<Principal> {
    try {
      const principal = await this.tokens.verify(token);
      this.revocations.check(principal);
      return principal;
    } catch (error) {
      if (!(error instanceof AppError) || error.status !== 401) throw error;
      throw refusedSubject('is malformed, expired or revoked', error);
    }
  }
}

/**
 * Returns the API key as an actor, where a token comes neither from a session nor from a service for itself but from an
 * API key. It is the first actor, so that the tokens of later actors are refused with it.
 */
const programOf = ({ session, subject, client }: Principal): Subject['actor'] =>
  session === null && client !== subject ? { subject: client, actor: null } : null;

/** Returns the status list claim of a verified token. */
function statusListOf(token: string): Subject['statusList'] {
  const claims = jsonObjectOf(token.split('.')[1]!) as Partial<AccessTokenClaims> | null;
  return claims?.status?.status_list ?? null;
}
