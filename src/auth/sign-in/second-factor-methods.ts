import { Injectable } from '@nestjs/common';

/** A method by which a user shows a second factor. Its folder declares one of these. */
export interface SecondFactorMethod {
  /** The last part of its route, `/auth/mfa/{name}`. */
  readonly name: string;
  /** Tells whether this user can use it. */
  isAvailable(userId: string): Promise<boolean>;
}

/** The methods by which users show a second factor. They register themselves. */
@Injectable()
export class SecondFactorMethods {
  private readonly methods: SecondFactorMethod[] = [];

  /** Registers a method, in `onModuleInit`. */
  add(method: SecondFactorMethod): void {
    this.methods.push(method);
  }

  /** Returns the names of the methods that a user can use. */
  async of(userId: string): Promise<string[]> {
    const available = await Promise.all(this.methods.map((method) => method.isAvailable(userId)));
    return this.methods.filter((_, index) => available[index]).map(({ name }) => name);
  }
}
