import { describe, expect, it } from 'vitest';
import { dueSteps, type KeyState, type KeyStep, type LifecycleSettings } from './key-lifecycle.js';

const HOUR = 3600;
const DAY = 24 * HOUR;
const SETTINGS: LifecycleSettings = {
  algorithm: 'ES256',
  publishAhead: DAY,
  rotationInterval: 90 * DAY,
  retirement: 680,
};
const START = Date.UTC(2027, 0, 1);
const at = (seconds: number): Date => new Date(START + seconds * 1000);

const keyOf = (fields: Partial<KeyState> = {}): KeyState => ({
  kid: 'k1',
  alg: 'ES256',
  status: 'active',
  activatesAt: at(0),
  retiredAt: null,
  ...fields,
});

interface Key extends KeyState {
  publishedAt: Date;
  byOperator: boolean;
}

function promise(kept: boolean, what: string): void {
  if (!kept) throw new Error(`broken promise: ${what}`);
}

/** A table of keys, to which the steps are applied. It throws where a promise is broken. */
class World {
  /** Frozen, so that a decision cannot change what it decides on. */
  keys: readonly Readonly<Key>[] = [];
  settings = { ...SETTINGS };
  now = 0;
  readonly events: string[] = [];
  private made = 0;

  /** Runs one pass, as an instance does. Returns whether a step was due. */
  tick(): boolean {
    const steps = dueSteps([...this.keys], this.settings, at(this.now));
    const hadActive = this.signing === 1;
    for (const step of steps) this.apply(step, hadActive);
    promise(this.signing === 1, 'one key signs');
    return steps.length > 0;
  }

  rotate(): void {
    if (this.keys.some((key) => key.status === 'published')) return;
    const activatesAt = at(this.now + this.settings.publishAhead);
    this.apply({ step: 'create', status: 'published', activatesAt }, true, true);
  }

  /** Removes the active key at once, as for a leaked one. */
  loseActive(): void {
    this.keys = Object.freeze(this.keys.filter((key) => key.status !== 'active'));
    this.tick();
  }

  private get signing(): number {
    return this.keys.filter((key) => key.status === 'active').length;
  }

  private apply(step: KeyStep, hadActive: boolean, byOperator = false): void {
    this.events.push(`${this.now} ${step.step} ${'kid' in step ? step.kid : `k${this.made + 1} ${step.status}`}`);
    if (step.step === 'create') {
      const { status, activatesAt } = step;
      promise(!(status === 'active' && hadActive), 'a key signs unannounced only where none signs');
      const fields = { kid: `k${++this.made}`, alg: this.settings.algorithm, status, activatesAt };
      this.put({ ...fields, retiredAt: null, publishedAt: at(this.now), byOperator });
    } else {
      const key = this.keys.find(({ kid }) => kid === step.kid);
      if (!key) throw new Error(`${step.step} of a key that is not there`);
      if (step.step === 'activate') this.activate(key, hadActive);
      else if (step.step === 'retire') this.retire(key);
      else this.remove(key);
    }
    promise(this.signing <= 1, 'never do two keys sign');
    promise(this.keys.filter((key) => key.status === 'published').length <= 1, 'one successor at a time');
  }

  private activate(key: Key, hadActive: boolean): void {
    promise(key.status === 'published' && key.alg === this.settings.algorithm, 'a successor takes over');
    const published = this.since(key.publishedAt) >= this.settings.publishAhead;
    promise(published || !hadActive, 'a key is published in time');
    this.put({ ...key, status: 'active', activatesAt: at(this.now) });
  }

  private retire(key: Key): void {
    promise(key.status === 'active', 'what retires has signed');
    const asked = this.keys.some((next) => next.status === 'published' && next.byOperator);
    const whole = this.since(key.activatesAt) >= this.settings.rotationInterval;
    promise(whole || asked || key.alg !== this.settings.algorithm, 'a key signs for its whole interval');
    this.put({ ...key, status: 'retired', retiredAt: at(this.now) });
  }

  private remove(key: Key): void {
    const unwanted = key.status === 'published' && key.alg !== this.settings.algorithm;
    const dead = key.status === 'retired' && this.since(key.retiredAt!) >= this.settings.retirement;
    promise(unwanted || dead, 'a key verifies until its last token is dead');
    this.keys = Object.freeze(this.keys.filter((other) => other !== key));
  }

  private put(key: Key): void {
    this.keys = Object.freeze([...this.keys.filter(({ kid }) => kid !== key.kid), Object.freeze(key)]);
  }

  private since(date: Date): number {
    return this.now - (date.getTime() - START) / 1000;
  }
}

/** Mulberry32: the same numbers for the same seed. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

describe('a first start', () => {
  it('makes a key that signs at once', () => {
    expect(dueSteps([], SETTINGS, at(5))).toEqual([{ step: 'create', status: 'active', activatesAt: at(5) }]);
  });
});

describe('the life of keys under a watch every ten minutes', () => {
  it('is published, active, retired, removed, each in its time', () => {
    const world = new World();
    for (; world.now <= 271 * DAY; world.now += 600) world.tick();
    const takeOver = (day: number, from: number) => [
      `${(day - 1) * DAY} create k${from + 1} published`,
      `${day * DAY} retire k${from}`,
      `${day * DAY} activate k${from + 1}`,
      `${day * DAY + 1200} remove k${from}`,
    ];
    expect(world.events).toEqual(['0 create k1 active', ...takeOver(90, 1), ...takeOver(180, 2), ...takeOver(270, 3)]);
  });

  it('takes a new algorithm through the same stages', () => {
    const world = new World();
    world.tick();
    world.settings.algorithm = 'RS256';
    for (world.now = 600; world.now <= 3 * DAY; world.now += 600) world.tick();
    expect(world.events.slice(1)).toEqual([
      '600 create k2 published',
      `${600 + DAY} retire k1`,
      `${600 + DAY} activate k2`,
      `${1800 + DAY} remove k1`,
    ]);
    expect(world.keys).toMatchObject([{ kid: 'k2', alg: 'RS256', status: 'active' }]);
  });

  it('forgets a successor whose algorithm is no longer wanted', () => {
    const world = new World();
    world.tick();
    world.settings.algorithm = 'RS256';
    world.tick();
    world.settings.algorithm = 'ES256';
    for (world.now = 600; world.now <= 3 * DAY; world.now += 600) world.tick();
    expect(world.events.slice(2)).toEqual(['600 remove k2']);
  });
});

describe('a key that is gone', () => {
  it('is followed by the one that verifiers know already, however short a time', () => {
    const successor = keyOf({ kid: 'k2', status: 'published', activatesAt: at(DAY) });
    expect(dueSteps([successor], SETTINGS, at(1))).toEqual([{ step: 'activate', kid: 'k2' }]);
  });

  it('is followed by a new one where there is none, or none of the algorithm', () => {
    const create = { step: 'create', status: 'active', activatesAt: at(1) };
    const retired = keyOf({ status: 'retired', retiredAt: at(0) });
    expect(dueSteps([retired], SETTINGS, at(1))).toEqual([create]);
    const foreign = keyOf({ kid: 'k2', alg: 'RS256', status: 'published', activatesAt: at(DAY) });
    expect(dueSteps([foreign], SETTINGS, at(1))).toEqual([{ step: 'remove', kid: 'k2' }, create]);
  });
});

describe('a moment', () => {
  const ms = (date: Date, difference: number) => new Date(date.getTime() + difference);

  it('too early is too early: a successor is made one publication before the end of the interval', () => {
    const due = at(89 * DAY);
    expect(dueSteps([keyOf()], SETTINGS, ms(due, -1))).toEqual([]);
    const create = { step: 'create', status: 'published', activatesAt: at(90 * DAY) };
    expect(dueSteps([keyOf()], SETTINGS, due)).toEqual([create]);
  });

  it('too early is too early: a successor signs when its time has come, after the old key has retired', () => {
    const keys = [keyOf(), keyOf({ kid: 'k2', status: 'published', activatesAt: at(90 * DAY) })];
    expect(dueSteps(keys, SETTINGS, ms(at(90 * DAY), -1))).toEqual([]);
    const steps = [
      { step: 'retire', kid: 'k1' },
      { step: 'activate', kid: 'k2' },
    ];
    expect(dueSteps(keys, SETTINGS, at(90 * DAY))).toEqual(steps);
  });

  it('too early is too early: a retired key leaves when no token of it is alive', () => {
    const keys = [keyOf({ kid: 'k2' }), keyOf({ status: 'retired', retiredAt: at(10) })];
    expect(dueSteps(keys, SETTINGS, ms(at(690), -1))).toEqual([]);
    expect(dueSteps(keys, SETTINGS, at(690))).toEqual([{ step: 'remove', kid: 'k1' }]);
  });

  it('that was missed is made up for, without shortening the publication', () => {
    const create = { step: 'create', status: 'published', activatesAt: at(201 * DAY) };
    expect(dueSteps([keyOf()], SETTINGS, at(200 * DAY))).toEqual([create]);
  });
});

describe('whatever happens', () => {
  const PAUSES = [10, 60, 700, HOUR, DAY - 1, DAY, 7 * DAY, 89 * DAY, 90 * DAY, 200 * DAY];
  const INTERVALS = [90 * DAY, 30 * DAY, DAY];
  const seeds = Array.from({ length: 60 }, (_, i) => i + 1);

  it.each(seeds)('every promise of a key is kept (seed %d)', (seed) => {
    const random = seeded(seed);
    const oneOf = <T>(values: readonly T[]): T => values[Math.floor(random() * values.length)]!;
    const world = new World();
    world.settings.rotationInterval = oneOf(INTERVALS);
    world.settings.publishAhead = oneOf([2 * HOUR, DAY, 30 * DAY]);
    world.tick();
    for (let i = 0; i < 300; i++) {
      world.now += Math.ceil(oneOf(PAUSES) * (0.5 + random()));
      const chance = random();
      if (chance < 0.06) world.loseActive();
      else if (chance < 0.15) world.rotate();
      else if (chance < 0.2) world.settings.algorithm = oneOf(['ES256', 'RS256'] as const);
      // A step that was taken is not due again.
      let passes = 0;
      while (world.tick()) promise(++passes <= 2, 'what is done is not due again');
    }
    const verbs = new Set(world.events.map((event) => event.split(' ')[1]));
    expect(verbs).toEqual(new Set(['activate', 'create', 'remove', 'retire']));
  });
});
