import { soon } from '../flows/service-process.js';

type MethodsOf<T> = { [K in keyof T]: T[K] extends (...given: never) => Promise<unknown> ? K : never }[keyof T];

/**
 * Stops the callers of an async method of an application's object, until the test opens the gate. Then the real method
 * runs. So a race happens every time, on any machine.
 */
export class Gate {
  /** The number of calls so far. */
  arrivals = 0;

  private constructor(
    /** Lets all callers continue, and later ones pass. */
    readonly open: () => void,
  ) {}

  static before<T extends object>(target: T, method: MethodsOf<T>): Gate {
    const opened = Promise.withResolvers<void>();
    const through = target[method] as (...given: unknown[]) => Promise<unknown>;
    const gate = new Gate(() => {
      // The method of the class is visible again then.
      delete target[method];
      opened.resolve();
    });
    const held = async (...given: unknown[]): Promise<unknown> => {
      gate.arrivals += 1;
      await opened.promise;
      return through.apply(target, given);
    };
    target[method] = held as T[typeof method];
    return gate;
  }

  /** Waits until there were so many calls. */
  async reached(arrivals: number): Promise<void> {
    if (!(await soon(() => this.arrivals >= arrivals))) throw new Error(`${this.arrivals} of ${arrivals} have come`);
  }
}
