import type { PipeTransform } from '@nestjs/common';
import { AppError } from './errors.js';

/** Checks an id in a path that is not a UUID: an id of another form names nothing, and never reaches the database. */
export class IdPipe implements PipeTransform<string, string> {
  constructor(private readonly form: RegExp) {}

  transform(value: string): string {
    if (!this.form.test(value)) throw new AppError('not_found');
    return value;
  }
}
