import type { Pool } from 'pg';
import type { Item, Json, Resource } from './resource.ts';
import { storedColumns, tenantCondition } from './rows.sql.ts';

/** A page of a resource. */
export interface ListQuestion {
  tenant: string | undefined;
  /** fields and the value each must have */
  filters: Item;
  /** looked for in the fields of `search`, anywhere, without regard to case */
  q?: string | undefined;
  /** a field, with `-` before it from the end */
  sort: string;
  /** values of the last item of the page before, as `placeOf` gave them */
  after?: readonly string[] | undefined;
  limit: number;
}

/** Items of one page; a place in the list that no later item shifts is (sorted value, key). */
export async function readList(
  pool: Pool,
  resource: Resource,
  question: ListQuestion,
): Promise<{ item: Item; place: string[] }[]> {
  const values: unknown[] = [question.tenant ?? null];
  const bind = (value: unknown) => `$${values.push(value)}`;
  const order = orderOf(resource, question.sort);
  const direction = question.sort.startsWith('-') ? 'desc' : 'asc';
  const conditions = [
    tenantCondition(resource, '$1'),
    ...Object.entries(question.filters).map(([name, value]) =>
      filterCondition(resource, [name, value], bind),
    ),
    ...(question.q === undefined ? [] : [searchCondition(resource, question.q, bind)]),
    ...(question.after === undefined ? [] : [afterCondition(order, direction, question.after, bind)]),
  ];
  const { rows } = await pool.query<{ item: Item; place: string[] }>(
    `select ${storedColumns(resource)}, array[${order.map(({ sql }) => `(${sql})::text`).join(', ')}] as place
     from ${resource.table} t where ${conditions.join(' and ')}
     order by ${order.map(({ sql }) => `${sql} ${direction}`).join(', ')} limit ${bind(question.limit)}`,
    values,
  );
  return rows.map(({ item, place }) => ({ item, place }));
}

interface OrderPart {
  sql: string;
  type: string;
}

function orderOf({ fields, key }: Resource, sort: string): OrderPart[] {
  const wanted = sort.replace(/^-/, '');
  const names = [wanted, ...key.map(({ field }) => field).filter((field) => field !== wanted)];
  return names.map((name) => {
    const { sortType: type = 'text', default: otherwise } = fields[name] ?? {};
    if (type !== 'text') return { sql: `t.${name}`, type };
    // nothing comes before every text: to SQL it is no place in an order, and the page after it could not be asked for
    return { sql: otherwise === null ? `coalesce(t.${name}::text, '')` : `t.${name}::text`, type };
  });
}

type Bind = (value: unknown) => string;

function filterCondition({ fields }: Resource, [name, value]: [string, Json], bind: Bind): string {
  const sql = fields[name]?.read ?? `t.${name}`;
  return `(${sql})::text = ${bind(String(value))}`;
}

function searchCondition({ search = [] }: Resource, q: string, bind: Bind): string {
  const pattern = bind(`%${q.replace(/[\\%_]/g, '\\$&')}%`);
  return `(${search.map((column) => `t.${column}::text ilike ${pattern}`).join(' or ')})`;
}

function afterCondition(
  order: readonly OrderPart[],
  direction: string,
  after: readonly string[],
  bind: Bind,
): string {
  const left = order.map(({ sql }) => sql).join(', ');
  const right = order.map(({ type }, index) => `${bind(after[index] ?? '')}::${type}`).join(', ');
  return `(${left}) ${direction === 'asc' ? '>' : '<'} (${right})`;
}
