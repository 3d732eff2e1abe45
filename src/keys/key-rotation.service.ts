import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Clock } from '../common/clock.js';
import { AppError } from '../common/errors.js';
import { Config } from '../platform/config/config.js';
import { Transactions } from '../platform/database/transactions.js';
import { ClusterBus } from '../platform/events/cluster-bus.js';
import { TransactionalEvents } from '../platform/events/transactional-events.js';
import { Jobs } from '../platform/jobs/jobs.js';
import { dueSteps, type KeyStep, type LifecycleSettings } from './key-lifecycle.js';
import { KeyRing } from './key-ring.js';
import { SigningKeyRevoked } from './key.events.js';
import { KeyStore } from './key-store.js';
import type { SigningKey } from './signing-key.entity.js';

const ROTATION_LOCK = 7_262_003;
const TOPIC = 'keys';
const TICK_MS = 10_000;
const RELOAD_SPACING_MS = 250;
const SKEW_SECONDS = 60;

/** Moves the keys through their lives, on whichever instance comes first, and keeps this instance's ring current. */
@Injectable()
export class KeyRotationService implements OnModuleInit {
  private readonly logger = new Logger(KeyRotationService.name);
  private readonly settings: LifecycleSettings;
  private readonly rotatable: boolean;
  private lastReload = -Infinity;
  private reloading: Promise<void> | null = null;

  constructor(
    config: Config,
    private readonly store: KeyStore,
    private readonly ring: KeyRing,
    private readonly transactions: Transactions,
    private readonly bus: ClusterBus,
    private readonly events: TransactionalEvents,
    private readonly clock: Clock,
    private readonly jobs: Jobs,
  ) {
    this.rotatable = config.signingAlgorithm !== 'HS256';
    this.settings = {
      algorithm: config.signingAlgorithm === 'RS256' ? 'RS256' : 'ES256',
      publishAhead: config.keyPublishAhead,
      rotationInterval: config.keyRotationInterval,
      // Twice the tick: an instance that has not heard of its successor yet may still mint with the old key.
      retirement: config.accessTokenTtl + SKEW_SECONDS + (2 * TICK_MS) / 1000,
    };
  }

  async onModuleInit(): Promise<void> {
    await this.tick();
    this.bus.on(TOPIC, () => this.ring.reload());
    if (this.rotatable) this.jobs.add({ name: 'keys', every: TICK_MS, run: () => this.tick() });
  }

  /** Does what is due, if anything, and reloads the ring. */
  async tick(): Promise<void> {
    if (this.rotatable && this.stepsFor(await this.store.list()).length > 0) {
      await this.change((keys) => this.stepsFor(keys));
    } else {
      await this.ring.reload();
    }
  }

  /** Publishes a successor now; it takes over after the usual time in the JWKS. Throws `keys_not_rotatable`. */
  async rotate(): Promise<SigningKey[]> {
    const activatesAt = new Date(this.clock.now() + this.settings.publishAhead * 1000);
    return this.change((keys) =>
      keys.some((key) => key.status === 'published') ? [] : [{ step: 'create', status: 'published', activatesAt }],
    );
  }

  /**
   * For a leaked key: it verifies nothing from now on, and another one signs at once. A successor that stands in the
   * JWKS already is preferred, because verifiers know it. Throws `keys_not_rotatable`.
   */
  async replace(): Promise<SigningKey[]> {
    return this.change((keys) => {
      const remaining = keys.filter((key) => key.status !== 'active');
      const leaked = keys.filter((key) => key.status === 'active');
      return [...leaked.map(({ kid }): KeyStep => ({ step: 'revoke', kid })), ...this.stepsFor(remaining)];
    });
  }

  /**
   * For a token whose key is unknown here: another instance may have made it a moment ago. Reloads are spaced, and whoever
   * comes too early waits for the next: tokens of invented keys cannot keep a real one from being found. Throws
   * `unavailable` where the keys cannot be read, whatever the reason: that says nothing about the token.
   */
  async reloadForUnknownKey(): Promise<void> {
    if (!this.rotatable) return;
    try {
      await (this.reloading ??= this.reloadWhenDue());
    } catch (cause) {
      throw new AppError('unavailable', { cause, retryAfterSeconds: 2 });
    }
  }

  private async reloadWhenDue(): Promise<void> {
    await sleep(Math.max(0, this.lastReload + RELOAD_SPACING_MS - performance.now()));
    // Who comes from here on needs a later reading.
    this.reloading = null;
    this.lastReload = performance.now();
    await this.ring.reload();
  }

  private stepsFor(keys: SigningKey[]): KeyStep[] {
    return dueSteps(keys, this.settings, this.clock.date());
  }

  private async change(decide: (keys: SigningKey[]) => KeyStep[]): Promise<SigningKey[]> {
    if (!this.rotatable) throw new AppError('keys_not_rotatable');
    // Another instance may be making a key of RSA meanwhile.
    const left = await this.transactions.runLong(async (manager) => {
      await manager.query('SELECT pg_advisory_xact_lock($1)', [ROTATION_LOCK]);
      const steps = decide(await this.store.list(manager));
      await this.applyAll(steps, manager);
      const keys = await this.store.list(manager);
      await this.bus.notify(TOPIC, manager);
      for (const step of steps) {
        if (step.step === 'revoke') await this.events.emit(new SigningKeyRevoked(step.kid), manager);
      }
      return keys;
    });
    await this.ring.reload();
    return left;
  }

  private async applyAll(steps: KeyStep[], manager: EntityManager): Promise<void> {
    for (const step of steps) {
      await this.store.apply(step, manager);
      const line = `Signing key: ${step.step}${'kid' in step ? ` ${step.kid}` : ` (${step.status})`}`;
      this.transactions.afterCommit(manager, () => this.logger.log(line));
    }
  }
}
