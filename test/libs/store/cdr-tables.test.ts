import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createClock } from '../../../libs/clock/clock.ts';
import { loadConfig } from '../../../libs/config/config.ts';
import { createPartitionKeeper } from '../../../libs/postgres/partition-keeper.ts';
import { cdrTables } from '../../../libs/store/cdr-tables.ts';
import { createLogger } from '../../../libs/telemetry/logger.ts';
import { createMetrics } from '../../../libs/telemetry/metrics.ts';
import { type Testing, testDatabase } from '../../support/stack/test-database.ts';

/** Puts legs of these days into `cdr`, runs the keeper, and says where they are then. */
async function keep(t: Testing, days: readonly string[], environment: Record<string, string> = {}) {
  const { connectionString, database } = await testDatabase(t);
  const config = loadConfig({ DATABASE_URL: connectionString, ...environment });
  await database.write.query(
    `insert into cdr (uuid, format, switch_name, start_at, end_at, duration, billsec, received_at, body_sha256)
     select day, 'xml', 'fs01', day::timestamptz, day::timestamptz, 0, 0, now(), '' from unnest($1::text[]) as u (day)`,
    [days],
  );
  const keeper = createPartitionKeeper({
    pool: database.write,
    tables: cdrTables(config),
    clock: createClock(),
    logger: createLogger({ service: 'test', level: 'silent' }),
    metrics: createMetrics('writer'),
  });
  await keeper.run();
  const { rows } = await database.write.query<{ uuid: string; partition: string }>(
    'select uuid, tableoid::regclass::text as partition from cdr order by start_at',
  );
  return { where: Object.fromEntries(rows.map(({ uuid, partition }) => [uuid, partition])), database };
}

/** The first of the month that lies so many months before this one, as `2026-11-01`. */
function month(before: number): string {
  const now = new Date();
  return new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - before, 1)).toISOString().slice(0, 10);
}

const partitionOf = (day: string) => `cdr_p${day.slice(0, 7).replace('-', '')}`;

test('a leg of 1970 or 2099 makes no partition and is never deleted', async (t) => {
  const { where } = await keep(t, ['1970-01-02', '2004-12-31', '2099-12-31']);
  assert.deepEqual(where, {
    '1970-01-02': 'cdr_default',
    '2004-12-31': 'cdr_default',
    '2099-12-31': 'cdr_default',
  });
  const { where: kept } = await keep(t, ['1970-01-02'], { CDR_RETENTION_MONTHS: '1200' });
  assert.deepEqual(kept, { '1970-01-02': 'cdr_default' });
});

test('two years of months have their partitions, and what is older than is kept goes', async (t) => {
  const months = Array.from({ length: 25 }, (_, before) => month(before));
  const { where } = await keep(t, [...months, month(26)]);
  assert.deepEqual(where, Object.fromEntries(months.map((day) => [day, partitionOf(day)])));
});
