import { Type } from 'typebox';
import { CodedError } from '../../libs/errors/coded-error.ts';
import { HttpError } from '../../libs/http/problem.ts';
import { decodeCursor } from '../../libs/store/search/cursor.ts';

/** The query parameters of every list. */
export const PageQuery = Type.Object({
  limit: Type.Integer({
    minimum: 1,
    maximum: 500,
    default: 50,
    description: 'items of one page at the most',
  }),
  cursor: Type.Optional(
    Type.String({ minLength: 1, maxLength: 100, description: '`next_cursor` of the page before' }),
  ),
});

/** A page of items, and the cursor of the next one: null after the last. */
export const pageOf = <T extends Type.TSchema>(item: T) =>
  Type.Object({ items: Type.Array(item), next_cursor: Type.Union([Type.String(), Type.Null()]) });

/** The id that the page before ended with. @throws HttpError 400 `cursor-invalid` */
export function readCursor(cursor: string | undefined): string | undefined {
  try {
    return cursor === undefined ? undefined : decodeCursor(cursor);
  } catch (cause) {
    if (!(cause instanceof CodedError)) throw cause;
    throw new HttpError(400, cause.code, cause.message, { cause });
  }
}
