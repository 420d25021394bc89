import { createHash } from 'node:crypto';
import type { Page, PageRequest, Position } from '@redress/domain';
import { CursorCodec } from './cursor';
import { HttpAnswer } from './http-answer';
import type { Paging } from './paging-query';
import { invalidRequest } from '../problems/problem';

/** Keyset pagination over HTTP: positions to signed cursors and back. A cursor is valid only for the query that it came from. */
export class PageResponder {
  private readonly codec: CursorCodec;

  constructor(secret: Buffer) {
    this.codec = new CursorCodec(secret);
  }

  /** One page of a list. `query` identifies the list: tenant, kind, filters and sort order. */
  turn({ limit, order, cursor }: Paging, query: readonly unknown[]): Turn {
    const bound = createHash('sha256')
      .update(JSON.stringify([...query, order]))
      .digest('base64url');
    const position = cursor === undefined ? undefined : this.codec.decode(cursor, bound);
    if (cursor !== undefined && !position) {
      throw invalidRequest({
        cursor:
          'cursor is not one of this list: take nextCursor or prevCursor of an earlier page, with the same parameters.',
      });
    }
    const page: PageRequest = { limit, order, ...(position && { position }) };
    return {
      page,
      answer: (found, show, more) =>
        HttpAnswer.json(200, {
          ...pageBody(found, limit, show, (place) => this.codec.encode(place, bound)),
          ...more,
        }),
    };
  }
}

export type Turn = Readonly<{
  page: PageRequest;
  /** `more`: members of the answer beside those of the page. */
  answer: <Item>(
    found: Page<Item>,
    show: (item: Item) => Record<string, unknown>,
    more?: Readonly<Record<string, unknown>>,
  ) => HttpAnswer;
}>;

/** `nextCursor` and `prevCursor` are present where there is such a page. */
const pageBody = <Item>(
  { items, hasMore, next, prev }: Page<Item>,
  limit: number,
  show: (item: Item) => Record<string, unknown>,
  cursor: (position: Position) => string,
): Record<string, unknown> => ({
  items: items.map(show),
  limit,
  hasMore,
  ...(next && { nextCursor: cursor(next) }),
  ...(prev && { prevCursor: cursor(prev) }),
});
