import { Injectable, type PipeTransform } from '@nestjs/common';
import { AppError } from './errors.js';
import { isUuid } from './uuid.js';

/** An id in a path: what is not a UUID names nothing. */
@Injectable()
export class UuidPipe implements PipeTransform<string, string> {
  transform(value: string): string {
    if (!isUuid(value)) throw new AppError('not_found');
    return value.toLowerCase();
  }
}
