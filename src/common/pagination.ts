import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsInt, Max, Min } from 'class-validator';
import { IsText, MayBeAbsent } from './validation.js';

/** An opaque cursor (base64url of the last id); null where the caller's is not one of ours. */
export const encodeCursor = (id: string): string => Buffer.from(id).toString('base64url');

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

export function decodeCursor(cursor: string, form = UUID): string | null {
  const id = Buffer.from(cursor, 'base64url').toString();
  // Exactly as it was issued: base64url has several spellings of one text.
  return form.test(id) && encodeCursor(id) === cursor ? id : null;
}

const toNumber = ({ value }: { value: unknown }): unknown =>
  typeof value === 'string' && /^\d{1,9}$/.test(value) ? Number(value) : value;

/** Which part of a list is asked for. */
export class PageDto {
  /** Where the previous page ended: its `next_cursor`. */
  @MayBeAbsent()
  @IsText({ max: 64 })
  cursor?: string;

  // Decimal digits alone: `Number` would read 1e1, 0x10 and blanks too.
  @ApiPropertyOptional({ type: 'integer', minimum: 1, maximum: 100, default: 20 })
  @Transform(toNumber)
  @IsInt()
  @Min(1)
  @Max(100)
  limit: number = 20;
}

export abstract class Page {
  @ApiProperty({
    type: 'string',
    nullable: true,
    description: 'Pass as `cursor` to read the next page; null on the last one.',
  })
  next_cursor: string | null;
}
