import { hash } from 'node:crypto';
import type { CallIdKey, CorrelationKey } from '../calls/correlation-keys.ts';
import { type Columns, columnArrays, rowsOf } from '../postgres/columns.ts';
import type { Queryable } from './queryable.ts';

/** A correlation key as a row has it. */
export interface KeyRow {
  month: string;
  /** see hashOfKey */
  key: string;
  root_id: string;
}

/** One leg that had a Call-ID. */
export interface Holder {
  uuid: string;
  direction: CallIdKey['direction'];
  start_us: number;
  root_id: string;
}

/** A proxy forks to a few; whoever uses one Call-ID for everything is not joined beyond this. */
const MAX_HOLDERS = 64;

/** 128 bits of SHA-256, as a uuid: short, and no caller can choose two texts that meet. */
export function hashOfKey({ month, key }: CorrelationKey): string {
  const hex = hash('sha256', `${month} ${key}`, 'hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20, 32)}`;
}

const NAMED: Columns = { month: 'timestamptz', key: 'uuid', root_id: 'uuid' };
const HELD: Columns = { month: 'timestamptz', key: 'uuid', holders: 'jsonb' };

function months(keys: readonly { month: string }[]): string[] {
  return [...new Set(keys.map(({ month }) => month))];
}

/** The roots that keys lead to; a key that nobody had yet is absent. */
export async function readKeys(
  client: Queryable,
  keys: readonly Omit<KeyRow, 'root_id'>[],
): Promise<Map<string, string>> {
  if (keys.length === 0) return new Map();
  const { rows } = await client.query<{ key: string; root_id: string }>({
    name: 'call_keys_read',
    // Not as a join: see libs/store/leg.sql.ts. A hash is of the month as well.
    text: 'select key, root_id from call_keys where key = any ($1::uuid[]) and month = any ($2::timestamptz[])',
    values: [keys.map(({ key }) => key), months(keys)],
  });
  return new Map(rows.map(({ key, root_id }) => [key, root_id]));
}

/** Adds keys in their order, waiting for others who add the same. Returns those that were new. */
export async function insertKeys(client: Queryable, keys: readonly KeyRow[]): Promise<Set<string>> {
  if (keys.length === 0) return new Set();
  const { rows } = await client.query<{ key: string }>({
    name: 'call_keys_insert',
    text: `insert into call_keys (month, key, root_id)
     select month, key, root_id from ${rowsOf(NAMED)} as named order by key, month on conflict do nothing returning key`,
    values: columnArrays(NAMED, keys),
  });
  return new Set(rows.map(({ key }) => key));
}

export interface HeldCallId {
  month: string;
  key: string;
  holders: readonly Holder[];
}

/** Adds holders of Call-IDs in order of these, locking them. Returns every Call-ID with all who hold it now. */
export async function addHolders(client: Queryable, callIds: readonly HeldCallId[]): Promise<HeldCallId[]> {
  if (callIds.length === 0) return [];
  const { rows } = await client.query<{
    key: string;
    holders: [string, 'inbound' | 'outbound', number, string][];
  }>({
    name: 'sip_call_ids_add',
    text: `insert into sip_call_ids as known (month, key, holders)
     select month, key, holders
     from ${rowsOf(HELD)} as named order by key, month
     on conflict (key, month) do update set holders = (
       select jsonb_agg(holder order by (holder ->> 2)::bigint desc, holder ->> 0)
       from (
         select holder
         from (
           select distinct on (holder ->> 0, holder ->> 2) holder
           from jsonb_array_elements(known.holders || excluded.holders) as each (holder)
           order by holder ->> 0, holder ->> 2, holder ->> 3
         ) as once
         order by (holder ->> 2)::bigint desc, holder ->> 0 limit ${MAX_HOLDERS}
       ) as newest
     )
     returning key, holders`,
    values: columnArrays(
      HELD,
      callIds.map(({ month, key, holders }) => ({ month, key, holders: holders.map(toArray) })),
    ),
  });
  return rows.map(({ key, holders }) => ({
    month: '',
    key,
    holders: holders.map(([uuid, direction, start_us, root_id]) => ({ uuid, direction, start_us, root_id })),
  }));
}

function toArray({ uuid, direction, start_us, root_id }: Holder): unknown[] {
  return [uuid, direction, start_us, root_id];
}
