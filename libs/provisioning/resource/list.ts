import { DatabaseError, type Pool } from 'pg';
import { CodedError } from '../../errors/coded-error.ts';
import { decodePlace, encodePlace } from './cursor.ts';
import { type ListQuestion, readList } from './list.sql.ts';
import type { Item, Resource } from './resource.ts';
import { explained } from './service.ts';

/** A page, and the cursor of the next one. */
export interface ItemPage {
  items: Item[];
  next_cursor: string | null;
}

/** One page of things, sorted; later pages never shift when things come and go. @throws CodedError `cursor-invalid` */
export async function listItems(
  pool: Pool,
  resource: Resource,
  question: Omit<ListQuestion, 'after'> & { cursor?: string | undefined },
): Promise<ItemPage> {
  const { cursor, sort, limit } = question;
  const named = resource.key.some(({ field }) => field === sort.replace(/^-/, ''));
  const parts = resource.key.length + (named ? 0 : 1);
  const after = cursor === undefined ? undefined : decodePlace(cursor, { sort, parts });
  const found = await explained(resource, async () => {
    try {
      return await readList(pool, resource, { ...question, after, limit: limit + 1 });
    } catch (error) {
      throw after === undefined ? error : explainPlace(error);
    }
  });
  const page = found.slice(0, limit);
  const last = found.length > limit ? page.at(-1) : undefined;
  return {
    items: page.map(({ item }) => item),
    next_cursor: last === undefined ? null : encodePlace(sort, last.place),
  };
}

/** A place is all of a question that the database reads as numbers and times. */
function explainPlace(error: unknown): unknown {
  if (!(error instanceof DatabaseError) || !error.code?.startsWith('22')) return error;
  return new CodedError('cursor-invalid', 'this cursor is not one that this list gave', { cause: error });
}

/** How a list is sorted when nobody says: by what things are named. */
export function defaultSort({ key }: Resource): string {
  return key[0]?.field ?? '';
}
