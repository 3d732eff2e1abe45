import { IsBoolean } from 'class-validator';
import { MayBeAbsent } from '../common/validation.js';

export class RotateKeysDto {
  /** The active key has leaked: refuse it at once. Every token that it signed is refused from now on. */
  @MayBeAbsent()
  @IsBoolean()
  emergency?: boolean;
}
