import type { Pool } from '../../libs/postgres/database.ts';
import { isoOf, partitionName } from '../../libs/postgres/partition-range.ts';
import { transaction } from '../../libs/postgres/transaction.ts';

export interface LoadOptions {
  calls: number;
  /** the month they lie in, µs */
  fromUs: number;
  toUs: number;
}

const TENANTS = 5;
const NODES = 4;
const TRUNKS = 3;
const DIDS = 200;

/**
 * Fills a month of `calls` without telling the rollups: 5 tenants, 4 nodes, 3 trunks, 200 DIDs, causes and talk as in real
 * traffic. The month is a partition that gets its rows first, by one INSERT … SELECT inside PostgreSQL, which is what COPY
 * would cost and needs no file, and then its indexes and its place in the table.
 */
export async function loadCalls(pool: Pool, { calls, fromUs, toUs }: LoadOptions): Promise<void> {
  const partition = partitionName('calls', 'month', { fromUs, toUs });
  await transaction(pool, async (client) => {
    await client.query(
      `create table ${partition} (like calls including all excluding indexes excluding identity) with (fillfactor=70)`,
    );
    await client.query(insertInto(partition), [calls, fromUs, toUs]);
    const values = `for values from ('${isoOf(fromUs)}') to ('${isoOf(toUs)}')`;
    await client.query(`alter table calls attach partition ${partition} ${values}`);
    const seconds = partitionName('concurrency_seconds', 'month', { fromUs, toUs });
    await client.query(
      `create table ${seconds} partition of concurrency_seconds ${values} with (fillfactor=70)`,
    );
  });
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
      from generate_series(0, $1::bigint - 1) as n
    ) as numbered
  ) as made`;
