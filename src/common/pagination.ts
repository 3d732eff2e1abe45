import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsInt, Max, Min } from 'class-validator';
import { invalidField } from './errors.js';
import { CANONICAL_UUID } from './uuid.js';
import { IsText, MayBeAbsent } from './validation.js';

/** Encodes the last id of a page as an opaque cursor (base64url). */
export const encodeCursor = (id: string): string => Buffer.from(id).toString('base64url');

export function decodeCursor(cursor: string, form = CANONICAL_UUID): string | null {
  const id = Buffer.from(cursor, 'base64url').toString();
  // Compared with the issued spelling, because base64url has several spellings of one text.
  return form.test(id) && encodeCursor(id) === cursor ? id : null;
}

const toNumber = ({ value }: { value: unknown }): unknown =>
  typeof value === 'string' && /^\d{1,9}$/.test(value) ? Number(value) : value;

/** The part of a list that the caller asks for. */
export class PageDto {
  /** The `next_cursor` of the previous page. */
  @MayBeAbsent()
  @IsText({ max: 64 })
  cursor?: string;

  // Only decimal digits, because `Number` also accepts 1e1, 0x10 and blanks.
  @ApiPropertyOptional({ type: 'integer', minimum: 1, maximum: 100, default: 20 })
  @Transform(toNumber)
  @IsInt()
  @Min(1)
  @Max(100)
  limit: number = 20;
}

/**
 * Returns the id behind which a page begins, or `start` for the first one. Throws `invalid_request` for a cursor that
 * this list has not issued.
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

/** Makes a page of rows. The query reads one row more than fits, which tells whether there is a next page. */
export function partOf<T extends { id: string }>(rows: T[], limit: number, total: number | null): Part<T> {
  const items = rows.slice(0, limit);
  return { items, nextCursor: rows.length > limit ? encodeCursor(items.at(-1)!.id) : null, total };
}

/** Shows a page to callers, each entry by `view`. */
export const pageOf = <T, V>({ items, nextCursor, total }: Part<T>, view: (item: T) => V) => ({
  items: items.map(view),
  next_cursor: nextCursor,
  total,
});

/** Makes a page of a whole list that is short enough. */
export const wholeOf = <T>(items: T[]): Part<T> => ({ items, nextCursor: null, total: items.length });

/** The highest number up to which the entries of a list are counted, which takes very little time. */
const COUNTED = 10_000;

/** Returns SQL that counts the rows of a query as `total`; null where there are very many. */
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
