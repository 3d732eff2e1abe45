import { randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { AppError, StartFault } from '../common/errors.js';
import { Config } from '../platform/config/config.js';
import { ChangeContext } from '../platform/context/change-context.js';
import { Transactions } from '../platform/database/transactions.js';
import { UsersService } from '../users/users.service.js';
import { AccountsService } from './accounts.service.js';

const FIRST_ADMIN_LOCK = 7_262_004;
const DEVELOPMENT_ADMIN = 'admin@example.com';

export interface FirstAdmin {
  email: string;
  /** The password where it was generated, which is shown once, and nowhere else. */
  generatedPassword: string | null;
}

/** Creates the first administrator in an empty database. */
@Injectable()
export class FirstAdminService {
  constructor(
    private readonly config: Config,
    private readonly users: UsersService,
    private readonly accounts: AccountsService,
    private readonly transactions: Transactions,
  ) {}

  /**
   * Creates the administrator. Returns null where there are users already, or where production names no administrator.
   */
  async createIfEmpty(): Promise<FirstAdmin | null> {
    if (!this.config.adminEmail && this.config.environment !== 'development') return null;
    return this.transactions.runLong(async (manager) => {
      // Instances that start together on an empty database: one creates, the others find a user.
      await manager.query('SELECT pg_advisory_xact_lock($1)', [FIRST_ADMIN_LOCK]);
      return (await this.users.count()) === 0 ? await this.create() : null;
    });
  }

  private async create(): Promise<FirstAdmin> {
    const email = this.config.adminEmail ?? DEVELOPMENT_ADMIN;
    const generatedPassword = this.config.adminPassword ? null : randomBytes(12).toString('base64url');
    const password = this.config.adminPassword ?? generatedPassword!;
    try {
      await this.accounts.create(
        { email, password, roles: ['admin', 'user'], emailVerified: true },
        ChangeContext.ofSystem('start'),
      );
    } catch (error) {
      if (!(error instanceof AppError) || !error.errors) throw error;
      throw new StartFault(`ADMIN_PASSWORD was refused: ${error.errors.map((fault) => fault.message).join('; ')}`, {
        cause: error,
      });
    }
    return { email, generatedPassword };
  }
}
