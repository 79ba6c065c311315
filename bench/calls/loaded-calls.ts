import type { Pool } from '../../libs/postgres/database.ts';
import { isoOf, partitionName } from '../../libs/postgres/partition-range.ts';
import { transaction } from '../../libs/postgres/transaction.ts';
import type { RollupSpan } from '../../libs/store/rollup.sql.ts';

export interface InsertOptions extends RollupSpan {
  /** of the whole month */
  calls: number;
  /** which of them: the first, and the one after the last */
  from: number;
  to: number;
}

const TENANTS = 5;
const NODES = 4;
const TRUNKS = 3;
const DIDS = 200;

const nameOf = (table: string, span: RollupSpan) => partitionName(table, 'month', span);
const boundsOf = ({ fromUs, toUs }: RollupSpan) =>
  `for values from ('${isoOf(fromUs)}') to ('${isoOf(toUs)}')`;
const ROOM = 'with (fillfactor=70)';

/** Makes a place for the calls of a month, without indexes and apart from table calls, and the partition of its sums. */
export async function makeRoom(pool: Pool, span: RollupSpan): Promise<void> {
  const [calls, seconds] = [nameOf('calls', span), nameOf('concurrency_seconds', span)];
  await transaction(pool, async (client) => {
    await client.query(
      `create table ${calls} (like calls including all excluding indexes excluding identity) ${ROOM}`,
    );
    await client.query(`create table ${seconds} partition of concurrency_seconds ${boundsOf(span)} ${ROOM}`);
  });
}

/**
 * Fills a part of the month without telling the rollups: 5 tenants, 4 nodes, 3 trunks, 200 DIDs, causes and talk as in real
 * traffic. By one INSERT … SELECT inside PostgreSQL, which is what COPY would cost and needs no file.
 */
export async function insertCalls(pool: Pool, options: InsertOptions): Promise<void> {
  const { calls, from, to, fromUs, toUs } = options;
  await pool.query(insertInto(nameOf('calls', options)), [calls, fromUs, toUs, from, to]);
}

/** Gives the month its indexes and its place in the table. */
export async function attachCalls(pool: Pool, span: RollupSpan): Promise<void> {
  await pool.query(`alter table calls attach partition ${nameOf('calls', span)} ${boundsOf(span)}`);
}

/** Ids as the product makes them: in order of start. */
const insertInto = (table: string) => `
  insert into ${table} (id, start_at, root_id, state, tenant, tenants, domain, direction, caller, callee, did, trunk, nodes, legs,
    answer_at, end_at, duration, billsec, pdd_ms, hangup_cause, hangup_by, disposition, answered_by, mos, digest, revision,
    published_revision)
  select id, start_at, id, 'finished', 'tenant-' || n % ${TENANTS}, array['tenant-' || n % ${TENANTS}], 'tenant-' || n % ${TENANTS} || '.example',
    case n % 3 when 0 then 'inbound' when 1 then 'outbound' else 'internal' end, '+4420' || n % 1000000, '+4930' || n % ${DIDS},
    case n % 3 when 0 then '+4930' || n % ${DIDS} end, case when n % 3 < 2 then 'trunk-' || n % ${TRUNKS} end, array['fs0' || n % ${NODES}],
    array[n::text], case when is_answered then start_at + interval '4 s' end, start_at + talk + interval '4 s',
    extract(epoch from talk) + 4, case when is_answered then extract(epoch from talk) else 0 end, (n * 37) % 9000,
    case when is_answered then 'NORMAL_CLEARING' else 'USER_BUSY' end, 'caller', case when is_answered then 'answered' else 'busy' end,
    case when is_answered then 'user' end, case when is_answered then 4.2 end, n::text, 1, 1
  from (
    select n, n % 10 < 7 as is_answered, (10 + (n * 7) % 300) * interval '1 s' as talk,
      timestamptz 'epoch' + start_us * interval '1 microsecond' as start_at,
      overlay(overlay(overlay(overlay(lpad(to_hex(start_us), 15, '0') || '8' || substr(md5(n::text), 1, 15)
        placing '-8' from 13 for 0) placing '-' from 9 for 0) placing '-' from 19 for 0) placing '-' from 24 for 0)::uuid as id
    from (
      select n, $2::bigint + n * (($3::bigint - $2::bigint) / $1::bigint) as start_us
      from generate_series($4::bigint, $5::bigint - 1) as n
    ) as numbered
  ) as made`;
