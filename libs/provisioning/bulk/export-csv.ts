import type { Pool } from 'pg';
import { defaultSort, listItems } from '../resource/list.ts';
import type { Item, Resource } from '../resource/resource.ts';
import { toCell } from './csv-cell.ts';

const PAGE = 500;

export interface ExportQuestion {
  tenant: string | undefined;
  filters: Item;
  q?: string | undefined;
}

/** Everything that fits as CSV, a page at a time: memory does not grow with it. Secrets are never in it. */
export async function* exportCsv(
  pool: Pool,
  resource: Resource,
  question: ExportQuestion,
): AsyncGenerator<string> {
  const names = Object.entries(resource.fields)
    .filter(([, { kind, isLive }]) => kind !== 'secret' && isLive !== true)
    .map(([name]) => name);
  yield `${names.join(',')}\r\n`;
  const sort = defaultSort(resource);
  let cursor: string | undefined;
  do {
    const { items, next_cursor } = await listItems(pool, resource, {
      ...question,
      sort,
      cursor,
      limit: PAGE,
    });
    if (items.length > 0)
      yield items.map((item) => `${names.map((name) => toCell(item[name])).join(',')}\r\n`).join('');
    cursor = next_cursor ?? undefined;
  } while (cursor !== undefined);
}
