import { Injectable } from '@nestjs/common';
import { Clock } from '../common/clock.js';
import { AppError } from '../common/errors.js';
import { Config } from '../platform/config/config.js';
import { Database } from '../platform/database/database.js';
import { RevocationService } from '../revocation/revocation.service.js';
import { AccessTokens } from '../tokens/access-tokens.js';
import { hashKeySecret, type ApiKeyClaim } from './api-key.js';
import { TRADE, type ExchangedRow } from './api-key.statements.js';

/** The role that no key states: a credential that lasts for months and lies in files must not administer anything. */
const NEVER_STATED = 'admin';

/** Mints access tokens for API keys. */
@Injectable()
export class ApiKeyTokens {
  constructor(
    private readonly config: Config,
    private readonly database: Database,
    private readonly accessTokens: AccessTokens,
    private readonly revocations: RevocationService,
    private readonly clock: Clock,
  ) {}

  /**
   * Mints the token of a key. Throws `token_invalid` for a key that is deleted or expired, or whose owner is not
   * active, and `unavailable` where an epoch would refuse its tokens for longer than a request waits.
   */
  async mint(claim: ApiKeyClaim, address: string): Promise<string> {
    const row = await this.admit(claim, address);
    const audiences = row && this.audiencesOf(row);
    // A key without any audience that its client still has is refused.
    if (!row) throw refused('deleted or expired, or its owner is not active');
    if (!audiences?.length) throw refused('none of its audiences is one of its client any more');
    return this.accessTokens.issue({
      subject: row.subject,
      client: claim.id,
      audiences,
      scopes: this.scopesOf(row),
      email: row.email,
      roles: row.with_roles ? row.roles?.filter((role) => role !== NEVER_STATED) : undefined,
      issuedAt: secondOf(row.issued_at),
      lifetime: row.token_ttl ?? Infinity,
      notAfter: row.expires_at ? secondOf(row.expires_at) : Infinity,
    }).token;
  }

  /**
   * Returns what the token of a key may state now; undefined where it gets none. After waiting for an epoch it reads
   * everything again: the owner may have lost more meanwhile, by the same epoch.
   */
  private async admit({ kind, id, secret }: ApiKeyClaim, address: string): Promise<ExchangedRow | undefined> {
    for (;;) {
      const values = [id, hashKeySecret(secret), this.earliestIssueTime(id), address];
      const [row] = await this.database.execute<ExchangedRow>(TRADE[kind], values);
      if (!row || row.issued_at.getTime() <= this.clock.now()) return row;
      await this.accessTokens.waitFor(secondOf(row.issued_at));
    }
  }

  /**
   * Returns a time after the epoch of everybody, and not later than the reading of the key. (The owner's epoch is in
   * the owner's row.)
   */
  private earliestIssueTime(id: string): Date {
    return this.revocations.earliestIssueTime({ subject: '', client: id });
  }

  /** Returns the scopes that the owner still has. */
  private scopesOf({ scopes, owner_scopes }: ExchangedRow): string[] {
    const allowed = owner_scopes ?? this.config.personalTokenScopes;
    return scopes.filter((scope) => allowed.includes(scope));
  }

  private audiencesOf({ audiences, owner_audiences }: ExchangedRow): string[] {
    if (!owner_audiences) return [this.config.audience];
    return audiences.filter((audience) => owner_audiences.includes(audience));
  }
}

const refused = (fault: string) => new AppError('token_invalid', { reason: `API key: ${fault}` });

const secondOf = (time: Date): number => Math.floor(time.getTime() / 1000);
