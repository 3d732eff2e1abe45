import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Clock } from '../common/clock.js';
import { AppError } from '../common/errors.js';
import { Config } from '../platform/config/config.js';
import { ChangeContext } from '../platform/context/change-context.js';
import { Jobs } from '../platform/jobs/jobs.js';
import { KeyChanges, type Succession } from './key-changes.js';
import { dueSteps, type KeyStep, type LifecycleSettings } from './key-lifecycle.js';
import { KeyRing, type Signer } from './key-ring.js';
import { EventSigningKey, SigningKey } from './signing-key.entity.js';

const TICK_MS = 10_000;
const RELOAD_SPACING_MS = 250;
const SKEW_SECONDS = 60;
const BY_ITSELF = ChangeContext.ofSystem('jobs');

/** Rotates the keys when that is due, on the first instance that notices, and keeps this instance's ring current. */
@Injectable()
export class KeyRotationService implements OnModuleInit {
  /** Null with HS256. */
  private readonly tokenKeys: Succession | null;
  private readonly eventKeys: Succession;
  private lastReload = -Infinity;
  private reloading: Promise<void> | null = null;

  constructor(
    config: Config,
    private readonly changes: KeyChanges,
    private readonly ring: KeyRing,
    private readonly clock: Clock,
    private readonly jobs: Jobs,
  ) {
    const settings = {
      publishAhead: config.keyPublishAhead,
      rotationInterval: config.keyRotationInterval,
      // Twice the interval, because an instance that does not know the successor yet may still mint with the old key.
      retirement: config.accessTokenTtl + SKEW_SECONDS + (2 * TICK_MS) / 1000,
    };
    const { signingAlgorithm: algorithm } = config;
    this.tokenKeys = algorithm === 'HS256' ? null : { table: SigningKey, settings: { ...settings, algorithm } };
    this.eventKeys = { table: EventSigningKey, settings: { ...settings, algorithm: 'RS256' } };
  }

  async onModuleInit(): Promise<void> {
    await this.tick();
    this.changes.follow(() => this.ring.reload());
    this.jobs.add({ name: 'keys', every: TICK_MS, run: () => this.tick() });
  }

  /** Takes the steps that are due, and reloads the ring. */
  async tick(): Promise<void> {
    const due: Succession[] = [];
    for (const succession of this.successions) {
      if (this.stepsFor(await this.changes.list(succession), succession).length > 0) due.push(succession);
    }
    if (due.length > 0) await this.change(BY_ITSELF, (keys, succession) => this.stepsFor(keys, succession), due);
    else await this.ring.reload();
  }

  /**
   * Returns the key that signs security events in RS256, whatever key signs access tokens. The first call makes it.
   * Throws `unavailable` until the successor of a leaked key is known.
   */
  async eventSigner(): Promise<Signer> {
    if (this.ring.eventSigner) return this.ring.eventSigner;
    if (this.tokenKeys?.settings.algorithm === 'RS256') return this.ring.signer;
    await this.change(BY_ITSELF, (keys, { settings }) => dueSteps(keys, settings, this.clock.date()), [this.eventKeys]);
    if (!this.ring.eventSigner) throw new AppError('unavailable', { retryAfterSeconds: 1 });
    return this.ring.eventSigner;
  }

  /** Publishes successors now. They sign after the usual time in the JWKS. Throws `keys_not_rotatable`. */
  rotate(cause: ChangeContext): Promise<SigningKey[]> {
    return this.changeAll(cause, (keys, { publishAhead }) => {
      const activatesAt = new Date(this.clock.now() + publishAhead * 1000);
      return keys.some((key) => key.status === 'published')
        ? []
        : [{ step: 'create', status: 'published', activatesAt }];
    });
  }

  /**
   * Replaces leaked keys: the old ones verify nothing from now on, and others sign at once. A successor that is already
   * in the JWKS is preferred, because verifiers know it. All keys are sealed by the same secret, so a thief of one may
   * have all. Throws `keys_not_rotatable`.
   */
  replace(cause: ChangeContext): Promise<SigningKey[]> {
    return this.changeAll(cause, (keys, settings) => {
      const remaining = keys.filter((key) => key.status !== 'active');
      const leaked = keys.filter((key) => key.status === 'active');
      const revocations = leaked.map(({ kid }): KeyStep => ({ step: 'revoke', kid }));
      return [...revocations, ...dueSteps(remaining, settings, this.clock.date())];
    });
  }

  /**
   * Reloads the keys for a token whose key is unknown here: another instance may have made the key a moment ago. There
   * is a pause between reloads, and a caller that comes earlier waits for the next: tokens with invented keys cannot
   * keep a real key from being found. Throws `unavailable` where the keys cannot be read, for any reason, since that
   * says nothing about the token.
   */
  async reloadForUnknownKey(): Promise<void> {
    if (!this.tokenKeys) return;
    try {
      await (this.reloading ??= this.reloadWhenDue());
    } catch (cause) {
      throw new AppError('unavailable', { cause, retryAfterSeconds: 2 });
    }
  }

  private async reloadWhenDue(): Promise<void> {
    await sleep(Math.max(0, this.lastReload + RELOAD_SPACING_MS - performance.now()));
    // Callers that come from here on need a later reading.
    this.reloading = null;
    this.lastReload = performance.now();
    await this.ring.reload();
  }

  private get successions(): Succession[] {
    return this.tokenKeys ? [this.tokenKeys, this.eventKeys] : [this.eventKeys];
  }

  /** Returns the steps that are due. Keys of events need none before the first of them is asked for. */
  private stepsFor(keys: SigningKey[], { table, settings }: Succession): KeyStep[] {
    return table === EventSigningKey && keys.length === 0 ? [] : dueSteps(keys, settings, this.clock.date());
  }

  /** Changes all keys that are in use. */
  private async changeAll(
    cause: ChangeContext,
    decide: (keys: SigningKey[], settings: LifecycleSettings) => KeyStep[],
  ): Promise<SigningKey[]> {
    const left = await this.change(
      cause,
      (keys, { settings }) => (keys.length === 0 ? [] : decide(keys, settings)),
      this.successions,
    );
    if (left.length === 0) throw new AppError('keys_not_rotatable');
    return left;
  }

  private async change(
    cause: ChangeContext,
    decide: (keys: SigningKey[], succession: Succession) => KeyStep[],
    successions: Succession[],
  ): Promise<SigningKey[]> {
    const left = await this.changes.apply(cause, decide, successions);
    await this.ring.reload();
    return left;
  }
}
