import { Injectable, type PipeTransform } from '@nestjs/common';
import { AppError } from './errors.js';
import { isUuid } from './uuid.js';

/** Checks an id in a path: a text that is no UUID names nothing. */
@Injectable()
export class UuidPipe implements PipeTransform<string, string> {
  transform(value: string): string {
    if (!isUuid(value)) throw new AppError('not_found');
    return value.toLowerCase();
  }
}
