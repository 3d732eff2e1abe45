import { availableParallelism } from 'node:os';
import { Injectable } from '@nestjs/common';
import { AppError } from '../common/errors.js';
import { Config } from '../platform/config/config.js';
import { createDecoy, hashPassword, needsUpgrade, verifyHash, type HashParameters } from './hashing/password-hash.js';
import { HashingPool } from './hashing/hashing-pool.js';
import { checkPassword, normalizePassword } from './policy/password-policy.js';

/** All hashing of the service, in one pool: as many hashes at a time as there are cores, never on the event loop. */
@Injectable()
export class PasswordHasher {
  private readonly parameters: HashParameters;
  private readonly pool: HashingPool;
  private readonly decoy: string;

  constructor(config: Config) {
    this.parameters = {
      memoryKib: config.hashMemoryKib,
      passes: config.hashPasses,
      parallelism: config.hashParallelism,
    };
    this.decoy = createDecoy(this.parameters);
    this.pool = new HashingPool({
      concurrency: config.hashConcurrency || availableParallelism(),
      maxQueue: config.hashQueue,
      deadlineMs: config.hashDeadline * 1000,
    });
  }

  /** Whether the password is right; without a hash, false at the same cost. Throws `overloaded`. */
  async verify(hash: string | null, password: string, signal?: AbortSignal): Promise<boolean> {
    // As typed too, where that differs: systems that imported hashes come from do not normalise. Both forms are always
    // tried, so that the time says nothing of the first.
    const forms = [...new Set([normalizePassword(password), password])];
    return this.pool.run(async () => {
      let right = false;
      for (const form of forms) right = (await verifyHash(hash ?? this.decoy, form)) || right;
      return right && hash !== null;
    }, signal);
  }

  /** A fresh hash of a password that has just been verified, where the stored one falls short; else null. */
  async upgrade(hash: string, password: string): Promise<string | null> {
    if (!needsUpgrade(hash, this.parameters)) return null;
    return this.pool.run(() => hashPassword(normalizePassword(password), this.parameters));
  }

  /** The hash of a new password. Throws `invalid_request` where policy refuses it, and `overloaded`. */
  async hashNew(password: string, context: { field: string; email: string }): Promise<string> {
    const fault = checkPassword(password, { email: context.email, serviceName: 'countersign' });
    if (fault) {
      throw new AppError('invalid_request', {
        errors: [{ field: context.field, code: fault.code, message: fault.message }],
      });
    }
    return this.pool.run(() => hashPassword(normalizePassword(password), this.parameters));
  }
}
