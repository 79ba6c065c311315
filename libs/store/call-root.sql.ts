import { type LegIdentity, startOfCallId } from '../calls/call-id.ts';
import { type Columns, columnArrays, rowsOf } from '../postgres/columns.ts';
import type { Queryable } from './queryable.ts';
import { fromMicroseconds, spanOf } from './time.sql.ts';

/** A set of connected legs; with a parent it was merged into that one, and is no root any more. */
export interface CallRoot {
  id: string;
  parent: string | null;
  members: LegIdentity[];
  calls: string[];
}

interface RootRow {
  id: string;
  parent: string | null;
  members: [string, number][];
  calls: string[];
}

/** Locks roots in order of id. A root with a parent must be let go (roll back to a savepoint) and its parent locked. */
export async function lockRoots(client: Queryable, ids: readonly string[]): Promise<CallRoot[]> {
  if (ids.length === 0) return [];
  const { fromUs, toUs } = spanOf(ids.map((id) => startOfCallId(id) ?? 0));
  const { rows } = await client.query<RootRow>({
    name: 'call_roots_lock',
    text: `select id, parent, members, calls from call_roots
     where id = any ($1::uuid[]) and started_at >= ${fromMicroseconds('$2::bigint')}
       and started_at <= ${fromMicroseconds('$3::bigint')}
     order by id for update`,
    values: [ids, fromUs, toUs],
  });
  return rows.map((row) => ({
    ...row,
    members: row.members.map(([uuid, start_us]) => ({ uuid, start_us })),
  }));
}

const GIVEN: Columns = { id: 'uuid', parent: 'uuid', members: 'jsonb', calls: 'uuid[]' };

/** Writes roots that this transaction has locked, or that only it can make: their ids come from legs that it has locked. */
export async function writeRoots(client: Queryable, roots: readonly CallRoot[]): Promise<void> {
  if (roots.length === 0) return;
  const rows = roots.map(({ id, parent, members, calls }) => ({
    id,
    parent,
    calls,
    members: members.map(({ uuid, start_us }) => [uuid, start_us]),
  }));
  await client.query({
    name: 'call_roots_write',
    text: `insert into call_roots (id, started_at, parent, members, calls)
     select id, call_id_start(id), parent, members, calls
     from ${rowsOf(GIVEN)} as root order by id
     on conflict (id, started_at) do update
     set parent = excluded.parent, members = excluded.members, calls = excluded.calls`,
    values: columnArrays(GIVEN, rows),
  });
}
