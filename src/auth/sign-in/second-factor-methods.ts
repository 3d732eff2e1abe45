import { Injectable } from '@nestjs/common';
import type { ChangeContext } from '../../platform/context/change-context.js';
import type { SignInMethod } from './sign-in-proof.js';

/** A method by which a user shows a code as the second factor. Its folder declares one of these. */
export interface SecondFactorMethod {
  /** The last part of its route, `/auth/mfa/{name}`. */
  readonly name: string;
  /** The proof that a right code is. */
  readonly proves: SignInMethod;
  /** Tells whether this user can use it. */
  isAvailable(userId: string): Promise<boolean>;
  /** Tells whether a code is right, and uses it up. */
  use(userId: string, code: string, cause: ChangeContext): Promise<boolean>;
}

/** The methods by which users show a second factor. They register themselves. */
@Injectable()
export class SecondFactorMethods {
  private readonly methods = new Map<string, SecondFactorMethod>();

  /** Registers a method, in `onModuleInit`. */
  add(method: SecondFactorMethod): void {
    this.methods.set(method.name, method);
  }

  get(name: string): SecondFactorMethod | null {
    return this.methods.get(name) ?? null;
  }

  /** Returns the names of the methods that a user can use. */
  async of(userId: string): Promise<string[]> {
    const methods = [...this.methods.values()];
    const available = await Promise.all(methods.map((method) => method.isAvailable(userId)));
    return methods.filter((_, index) => available[index]).map(({ name }) => name);
  }
}
