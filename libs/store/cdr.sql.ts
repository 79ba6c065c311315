import { jsonOf } from '../postgres/unwritable-value.ts';
import type { Cdr } from '../records/cdr-record.ts';
import type { Variables } from '../records/variables.ts';
import type { Queryable } from './queryable.ts';
import { fromMicroseconds } from './time.sql.ts';

/** A row of table `cdr` as the writer gives it; times in microseconds since 1970. */
export interface CdrRow extends Cdr {
  format: 'xml' | 'json';
  variables: Variables;
  received_us: number;
  /** hex */
  body_sha256: string;
  /** made of another system's row */
  imported?: boolean;
}

const COLUMNS = [
  'uuid',
  'format',
  'switch_name',
  'core_uuid',
  'call_uuid',
  'sip_call_id',
  'direction',
  'caller_id_name',
  'caller_id_number',
  'destination_number',
  'context',
  'domain',
  'accountcode',
  'duration',
  'billsec',
  'hangup_cause',
  'hangup_cause_q850',
  'sip_hangup_disposition',
  'sip_term_status',
  'recording_path',
  'read_codec',
  'write_codec',
  'remote_media_ip',
  'mos',
  'rtp_audio_in_packet_count',
  'rtp_audio_out_packet_count',
  'variables',
] as const;

const TIMES = ['start', 'progress', 'progress_media', 'answer', 'end', 'received'] as const;

const INTEGERS = new Set([
  'duration',
  'billsec',
  'hangup_cause_q850',
  'sip_term_status',
  'rtp_audio_in_packet_count',
  'rtp_audio_out_packet_count',
]);

function typeOf(column: string): string {
  if (INTEGERS.has(column)) return 'integer';
  if (column === 'mos') return 'real';
  return column === 'variables' ? 'jsonb' : 'text';
}

const TARGETS = [...COLUMNS, ...TIMES.map((time) => `${time}_at`), 'body_sha256', 'imported'];
const SOURCES = [
  ...COLUMNS,
  ...TIMES.map((time) => fromMicroseconds(`${time}_us`)),
  `decode(body_sha256, 'hex')`,
  'coalesce(imported, false)',
];
const RECORDSET = [
  ...COLUMNS.map((column) => `${column} ${typeOf(column)}`),
  ...TIMES.map((time) => `${time}_us bigint`),
  'body_sha256 text',
  'imported boolean',
];

/** What a body says, beside the key and when it came. */
const SAID = TARGETS.filter((column) => !['uuid', 'start_at', 'received_at'].includes(column));
const rowOf = (table: string) => SAID.map((column) => `${table}.${column}`).join(', ');

/**
 * Rows come as JSON: as arrays (`columnArrays`) they cost PostgreSQL 11 µs less and the writer 14 µs more, since pg copies its buffer again
 * and again while it grows by one parameter after the other, and V8 collects these.
 *
 * I2 in SQL: the leg's own CDR wins over another system's row, XML over JSON, then the later end, then the hash. The same body again changes nothing, unless it is
 * read in another way now (a newer parser, another CDR_VARIABLES): that is how a rebuild reaches the rows.
 */
const UPSERT = `
  insert into cdr as stored (${TARGETS.join(', ')})
  select ${SOURCES.join(', ')}
  from json_to_recordset($1::json) as incoming (${RECORDSET.join(', ')})
  order by uuid, start_us
  on conflict (uuid, start_at) do update set
    ${SAID.map((column) => `${column} = excluded.${column}`).join(', ')},
    received_at = case when stored.body_sha256 = excluded.body_sha256 then stored.received_at else excluded.received_at end
  where (not excluded.imported, excluded.format = 'xml', excluded.end_at, excluded.body_sha256)
      > (not stored.imported, stored.format = 'xml', stored.end_at, stored.body_sha256)
    or (excluded.body_sha256 = stored.body_sha256 and (${rowOf('excluded')}) is distinct from (${rowOf('stored')}))`;

/**
 * Stores rows, at most one for each leg and start (choose before): a leg's row ends as the best of all bodies ever seen,
 * whatever the order. Returns how many rows are new or changed.
 * @throws CodedError `value-unwritable`, and what PostgreSQL throws
 */
export async function upsertCdrs(database: Queryable, rows: readonly CdrRow[]): Promise<number> {
  if (rows.length === 0) return 0;
  const { rowCount } = await database.query({
    name: 'cdr_upsert',
    text: UPSERT,
    values: [jsonOf(rows)],
  });
  return rowCount ?? 0;
}
