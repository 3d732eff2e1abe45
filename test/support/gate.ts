import { soon } from '../flows/service-process.js';

type MethodsOf<T> = { [K in keyof T]: T[K] extends (...given: never) => Promise<unknown> ? K : never }[keyof T];

/**
 * Holds up whoever comes to an awaited method of an object of the application, until the test opens it. Then the real
 * method runs. So a race is hit every time, and on any machine.
 */
export class Gate {
  /** How many have come. */
  arrivals = 0;

  private constructor(
    /** Lets all go on, and all who come later pass. */
    readonly open: () => void,
  ) {}

  static before<T extends object>(target: T, method: MethodsOf<T>): Gate {
    const opened = Promise.withResolvers<void>();
    const through = target[method] as (...given: unknown[]) => Promise<unknown>;
    const gate = new Gate(() => {
      // What is left is the method of the class.
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

  /** Waits until so many have come. */
  async reached(arrivals: number): Promise<void> {
    if (!(await soon(() => this.arrivals >= arrivals))) throw new Error(`${this.arrivals} of ${arrivals} have come`);
  }
}
