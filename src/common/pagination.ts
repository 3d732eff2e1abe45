import { ApiProperty } from '@nestjs/swagger';

/** An opaque cursor (base64url of the last id); null where the caller's is not one of ours. */
export const encodeCursor = (id: string): string => Buffer.from(id).toString('base64url');

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

export function decodeCursor(cursor: string, form = UUID): string | null {
  const id = Buffer.from(cursor, 'base64url').toString();
  return form.test(id) ? id : null;
}

export abstract class Page {
  @ApiProperty({
    type: 'string',
    nullable: true,
    description: 'Pass as `cursor` to read the next page; null on the last one.',
  })
  next_cursor: string | null;
}
