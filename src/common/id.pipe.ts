import type { PipeTransform } from '@nestjs/common';
import { AppError } from './errors.js';

/** An id in a path that is no UUID: what has another form names nothing. */
export class IdPipe implements PipeTransform<string, string> {
  constructor(private readonly form: RegExp) {}

  transform(value: string): string {
    if (!this.form.test(value)) throw new AppError('not_found');
    return value;
  }
}
