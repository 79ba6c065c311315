import { SAME_LEG_US } from '../calls/history.ts';
import type { Queryable } from './queryable.ts';
import type { LegKey } from './stored-cdr.sql.ts';
import { fromMicroseconds } from './time.sql.ts';

/** The second condition names the partitions: PostgreSQL leaves out all others. */
const BESIDE = `
  c.uuid = leg.uuid and c.start_at between ${fromMicroseconds(`(leg.start_us - ${SAME_LEG_US})`)}
    and ${fromMicroseconds(`(leg.start_us + ${SAME_LEG_US})`)}
  and c.start_at between ${fromMicroseconds('$3::bigint')} and ${fromMicroseconds('$4::bigint')}`;
const LEGS = 'unnest($1::text[], $2::bigint[]) with ordinality as leg (uuid, start_us, number)';

const DELETE = `delete from cdr c using ${LEGS} where c.imported and ${BESIDE}`;
const FIND = `
  select exists (select from cdr c where not c.imported and ${BESIDE}) as known from ${LEGS} order by leg.number`;

/** Deletes rows made of another system's history whose leg has a CDR of its own now: these. Gives how many there were. */
export async function deleteImported(database: Queryable, own: readonly LegKey[]): Promise<number> {
  if (own.length === 0) return 0;
  const { rowCount } = await database.query({
    name: 'cdr_imported_delete',
    text: DELETE,
    values: valuesOf(own),
  });
  return rowCount ?? 0;
}

/** For each leg of another system's history, whether its own CDR is stored. */
export async function haveOwnCdr(database: Queryable, imported: readonly LegKey[]): Promise<boolean[]> {
  if (imported.length === 0) return [];
  const { rows } = await database.query<{ known: boolean }>(FIND, valuesOf(imported));
  return rows.map(({ known }) => known);
}

function valuesOf(legs: readonly LegKey[]): unknown[] {
  const starts = legs.map(({ start_us }) => start_us);
  return [
    legs.map(({ uuid }) => uuid),
    starts,
    Math.min(...starts) - SAME_LEG_US,
    Math.max(...starts) + SAME_LEG_US,
  ];
}
