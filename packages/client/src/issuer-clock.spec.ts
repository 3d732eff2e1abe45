import { describe, expect, it } from 'vitest';
import { IssuerClock } from './issuer-clock.js';

const ISSUER = 1_795_400_000;

/** Makes a machine whose clocks the test moves, in seconds; its wall clock is five minutes slow. */
function machine() {
  const at = { wall: ISSUER - 300, monotonic: 1000 };
  const clock = new IssuerClock(
    () => at.wall * 1000,
    () => at.monotonic * 1000,
  );
  const pass = (seconds: number) => {
    at.wall += seconds;
    at.monotonic += seconds;
  };
  return { at, clock, pass };
}

describe("the issuer's clock", () => {
  it('is that of the machine before the issuer has spoken', () => {
    const { clock, at } = machine();
    expect(clock.now()).toBe(at.wall);
    expect(clock.disagreement).toBe(0);
  });

  it('counts from the moment of the question, not of the answer', () => {
    const { clock, pass } = machine();
    const asked = clock.moment();
    pass(2);
    clock.set(ISSUER, asked);
    expect(clock.now()).toBe(ISSUER + 2);
    pass(10);
    expect(clock.now()).toBe(ISSUER + 12);
  });

  it('does not stand still while the machine sleeps', () => {
    const { clock, at } = machine();
    clock.set(ISSUER, clock.moment());
    at.wall += 3600;
    at.monotonic += 1;
    expect(clock.now()).toBe(ISSUER + 3600);
    expect(clock.disagreement).toBe(3599);
  });

  it('does not go back with the clock of the machine', () => {
    const { clock, at } = machine();
    clock.set(ISSUER, clock.moment());
    at.wall -= 3600;
    at.monotonic += 5;
    expect(clock.now()).toBe(ISSUER + 5);
    expect(clock.disagreement).toBe(3605);
  });

  it('believes the last answer', () => {
    const { clock, at, pass } = machine();
    clock.set(ISSUER, clock.moment());
    at.wall += 300;
    clock.set(ISSUER + 1, clock.moment());
    expect(clock.now()).toBe(ISSUER + 1);
    expect(clock.disagreement).toBe(0);
    pass(1);
    expect(clock.now()).toBe(ISSUER + 2);
  });

  it('is never behind what the issuer has signed', () => {
    const { clock, pass } = machine();
    clock.atLeast(ISSUER);
    expect(clock.now()).toBe(ISSUER);
    pass(10);
    clock.atLeast(ISSUER + 5);
    expect(clock.now()).toBe(ISSUER + 10);
    clock.atLeast(ISSUER + 600);
    expect(clock.now()).toBe(ISSUER + 600);
  });
});
