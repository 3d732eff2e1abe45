import { IsBoolean, IsOptional } from 'class-validator';

export class RotateKeysDto {
  /** The active key has leaked: refuse it at once. Every token that it signed is refused from now on. */
  @IsOptional()
  @IsBoolean()
  emergency?: boolean;
}
