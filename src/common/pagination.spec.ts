import { describe, expect, it } from 'vitest';
import { decodeCursor, encodeCursor } from './pagination.js';

const ID = '0190f3a4-5b6c-7def-8123-456789abcdef';

describe('a cursor', () => {
  it('comes back as the id that it was made of', () => expect(decodeCursor(encodeCursor(ID))).toBe(ID));

  it('needs no escaping in a URL', () => expect(encodeCursor(ID)).toMatch(/^[\w-]+$/));

  it.each([
    ['nothing', ''],
    ['no base64url', '%%%'],
    ['the id itself', ID],
    ['padded', `${encodeCursor(ID)}=`],
    ['with a line end', `${encodeCursor(ID)}\n`],
    ['with something in between', encodeCursor(ID).replace(/^../, '$&.')],
    ['more than an id', encodeCursor(`${ID} `)],
    ['something before an id', encodeCursor(`0${ID}`)],
    ['a line end after the id', encodeCursor(`${ID}\n`)],
    ['less than an id', encodeCursor(ID.slice(1))],
    ['an id in capitals', encodeCursor(ID.toUpperCase())],
    ['an id with hyphens elsewhere', encodeCursor('0190f3a45b6c-7def-8123-4567-89abcdef')],
    ['a fragment of SQL', encodeCursor("' OR 1=1 --")],
  ])('is not ours as %s', (_, cursor) => expect(decodeCursor(cursor)).toBeNull());
});
