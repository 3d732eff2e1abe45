import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsInt, Max, Min } from 'class-validator';
import { invalidField } from './errors.js';
import { CANONICAL_UUID } from './uuid.js';
import { IsText, MayBeAbsent } from './validation.js';

/** An opaque cursor (base64url of the last id); null where the caller's is not one of ours. */
export const encodeCursor = (id: string): string => Buffer.from(id).toString('base64url');

export function decodeCursor(cursor: string, form = CANONICAL_UUID): string | null {
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

/**
 * The id behind which a page begins, or `start` for the first one. Throws `invalid_request` for a cursor that this list has
 * not issued.
 */
export function startOf<T>({ cursor }: Pick<PageDto, 'cursor'>, start: T, form?: RegExp): string | T {
  if (cursor === undefined) return start;
  const id = decodeCursor(cursor, form);
  if (id !== null) return id;
  throw invalidField('cursor', 'cursor', 'cursor must be a next_cursor of this list');
}

/** A page of a list, and how many entries the whole list has; null where counting them would take long. */
export interface Part<T> {
  readonly items: T[];
  readonly nextCursor: string | null;
  readonly total: number | null;
}

/** A page of rows that were read with one more than fits, which tells that there is a next page. */
export function partOf<T extends { id: string }>(rows: T[], limit: number, total: number | null): Part<T> {
  const items = rows.slice(0, limit);
  return { items, nextCursor: rows.length > limit ? encodeCursor(items.at(-1)!.id) : null, total };
}

/** A page as callers see it, each entry by `view`. */
export const pageOf = <T, V>({ items, nextCursor, total }: Part<T>, view: (item: T) => V) => ({
  items: items.map(view),
  next_cursor: nextCursor,
  total,
});

/** A list that is short enough to be one page. */
export const wholeOf = <T>(items: T[]): Part<T> => ({ items, nextCursor: null, total: items.length });

/** How far the entries of a list are counted: that many are counted in no time. */
const COUNTED = 10_000;

/** SQL that counts the rows of a query, as `total`; null where there are very many. */
export const countingUpTo = (query: string): string =>
  `SELECT nullif(least(count(*), ${COUNTED + 1}), ${COUNTED + 1})::int AS total
   FROM (${query} LIMIT ${COUNTED + 1}) AS counted`;

export abstract class Page {
  @ApiProperty({
    type: 'string',
    nullable: true,
    description: 'Pass as `cursor` to read the next page; null on the last one.',
  })
  next_cursor: string | null;

  @ApiProperty({
    type: 'integer',
    nullable: true,
    example: 42,
    description: 'How many entries the whole list has; null where counting them would take long.',
  })
  total: number | null;
}
