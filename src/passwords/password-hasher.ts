import { availableParallelism } from 'node:os';
import { Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import { invalidField } from '../common/errors.js';
import { Config } from '../platform/config/config.js';
import { Metrics } from '../platform/telemetry/metrics.js';
import { hashReader, type HashReader } from './hashing/formats/hash-formats.js';
import { AHEAD_MS, HashingPool } from './hashing/hashing-pool.js';
import { HashingThreads } from './hashing/hashing-threads.js';
import { createDecoy, faultOfHash, needsUpgrade, type HashParameters } from './hashing/password-hash.js';
import { checkPassword, normalizePassword, SERVICE_NAME } from './policy/password-policy.js';

// Starting a thread again takes some 20 ms.
const IDLE_MS = 60_000;

/** Does all hashing of the service in one pool, with a thread for each core beside the event loop. */
@Injectable()
export class PasswordHasher implements OnApplicationShutdown {
  private readonly logger = new Logger(PasswordHasher.name);
  private readonly parameters: HashParameters;
  private readonly readHash: HashReader;
  private readonly threads: HashingThreads;
  private readonly pool: HashingPool;
  private readonly decoy: string;

  constructor(config: Config, metrics: Metrics) {
    this.parameters = {
      memoryKib: config.hashMemoryKib,
      passes: config.hashPasses,
      parallelism: config.hashParallelism,
    };
    const firebase = config.firebaseScrypt;
    this.readHash = hashReader(firebase);
    this.decoy = createDecoy(this.parameters);
    const count = config.hashConcurrency || availableParallelism();
    this.threads = new HashingThreads({
      count,
      parameters: this.parameters,
      firebase,
      holdMs: AHEAD_MS,
      idleMs: IDLE_MS,
    });
    this.pool = new HashingPool({ threads: count, maxQueue: config.hashQueue, deadlineMs: config.hashDeadline * 1000 });
    metrics.gauge('hashing_queued', 'Hashes that wait for a thread.', () => this.pool.queued);
    metrics.gauge('hashing_in_flight', 'Hashes that the threads have.', () => this.pool.inFlight);
    metrics.gauge('hashing_threads', 'Threads that hash.', () => count);
  }

  /** Ends the threads after all requests have been answered. */
  async onApplicationShutdown(): Promise<void> {
    await this.threads.close();
  }

  /** Returns why a hash of another system cannot be verified, in words that follow its name; null where it can. */
  faultOf(hash: string): string | null {
    return faultOfHash(this.readHash, hash);
  }

  /** Tells whether the password is right; without a hash, false at the same cost. Throws `overloaded`. */
  async verify(hash: string | null, password: string, signal?: AbortSignal): Promise<boolean> {
    // The password as typed is tried too, because the systems of imported hashes do not normalise.
    const forms = [...new Set([normalizePassword(password), password])];
    const right = await this.pool.run(() => this.threads.perform('verify', hash ?? this.decoy, forms), signal);
    const fault = right || hash === null ? null : this.faultOf(hash);
    if (fault) this.logger.warn(`A stored password hash cannot be verified: it ${fault}`);
    return right && hash !== null;
  }

  /**
   * Returns a new hash of a password that has just been verified, where the stored one has another cost or format; else
   * null.
   */
  async upgrade(hash: string, password: string): Promise<string | null> {
    return needsUpgrade(hash, this.parameters) ? this.hash(password) : null;
  }

  /** Hashes a new password. Throws `invalid_request` where policy refuses it, and `overloaded`. */
  async hashNew(password: string, context: { field: string; email: string }): Promise<string> {
    const fault = checkPassword(password, { email: context.email, serviceName: SERVICE_NAME });
    if (fault) throw invalidField(context.field, fault.code, `${context.field} ${fault.message}`);
    return this.hash(password);
  }

  /** Hashes a password without checking the policy. Throws `overloaded`. */
  hash(password: string): Promise<string> {
    return this.pool.run(() => this.threads.perform('hash', normalizePassword(password)));
  }
}
