import pg, { type ClientBase, type Pool } from 'pg';
import type { Registry } from 'prom-client';
import type { Clock } from '../clock/clock.ts';
import { messageOf } from '../errors/coded-error.ts';
import type { Stoppable } from '../lifecycle/stoppable.ts';
import type { Logger } from '../telemetry/logger.ts';
import {
  attachPartition,
  databaseNowUs,
  deleteStrays,
  dropPartition,
  listPartitions,
} from './partition.sql.ts';
import { createPartitionFigures, type PartitionFigures } from './partition-figures.ts';
import { coveredUntil, partitionName } from './partition-range.ts';
import {
  oldestKept,
  type PartitionedTable,
  rangesToMake,
  readState,
  type TableState,
} from './partitioned-table.ts';

export type { PartitionedTable } from './partitioned-table.ts';

export interface PartitionKeeperOptions {
  pool: Pool;
  tables: readonly PartitionedTable[];
  /** without it the database's clock alone decides */
  clock?: Clock;
  logger: Logger;
  metrics: Registry;
  /** time between two runs, milliseconds of real time (default 10 minutes) */
  intervalMs?: number;
}

export interface PartitionKeeper extends Stoppable {
  /** Runs once (waiting for another instance that is at it), then at intervals. Never rejects: what fails is logged and tried again. */
  start(): Promise<void>;
  /** One run over all tables; what cannot be done is logged, counted and left for the next one. */
  run(): Promise<void>;
}

/** Session lock: one instance works at a time, whatever its tables. */
const LOCK = `hashtext('switchfleet.partition_keeper')`;
/** A long query on the table makes us wait for it, and everybody else wait behind us: not for long. */
const LOCK_MS = 3_000;
/** Moving a month of strays takes longer than a statement of a service may. */
const STATEMENT_MS = 600_000;
/**
 * Keeps partitions: makes those of now and ahead, moves rows that strayed into the default partition to partitions of
 * their own, drops what is older than is kept. Rows dated further ahead than `ahead` stay in the default partition.
 * Partitions are made for our clock and for the database's, and dropped only when both say so: a wrong clock costs
 * an unused partition and never data.
 */
export function createPartitionKeeper(options: PartitionKeeperOptions): PartitionKeeper {
  const { pool, tables, logger, intervalMs = 600_000 } = options;
  const figures = createPartitionFigures(options.metrics);
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> | undefined;

  async function runOnce(): Promise<void> {
    try {
      await underLock(pool, async (client) => {
        for (const table of tables) await keepTable(client, table, options, figures);
      });
    } catch (error) {
      figures.failures.inc({ table: 'all' });
      logger.error({ reason: messageOf(error) }, 'the partition keeper could not run, will try again');
    }
  }

  const run = () => {
    running ??= runOnce().finally(() => {
      running = undefined;
    });
    return running;
  };

  return {
    run,
    start: async () => {
      timer = setInterval(run, intervalMs);
      timer.unref();
      await run();
    },
    stop: async () => {
      clearInterval(timer);
      await running;
    },
  };
}

/** On a connection of its own: its limits are not those of a service's query, and the lock ends with it. */
async function underLock(pool: Pool, fn: (client: pg.Client) => Promise<void>): Promise<void> {
  const client = new pg.Client({
    ...pool.options,
    application_name: 'switchfleet partition keeper',
    query_timeout: STATEMENT_MS + 5_000,
    statement_timeout: STATEMENT_MS,
  });
  const lost = Promise.withResolvers<never>();
  lost.promise.catch(() => undefined);
  client.on('error', lost.reject);
  try {
    await client.connect();
    await client.query(`set time zone 'UTC'`);
    await client.query(`select pg_advisory_lock(${LOCK})`);
    await client.query(`set lock_timeout = ${LOCK_MS}`);
    await Promise.race([fn(client), lost.promise]);
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function keepTable(
  client: ClientBase,
  table: PartitionedTable,
  { clock, logger }: PartitionKeeperOptions,
  figures: PartitionFigures,
): Promise<void> {
  const attempt = async (what: string, fn: () => Promise<void>) => {
    try {
      await client.query('begin');
      await fn();
      await client.query('commit');
    } catch (error) {
      await client.query('rollback');
      figures.failures.inc({ table: table.table });
      logger.error({ table: table.table, reason: messageOf(error) }, `cannot ${what}, will try again`);
    }
  };
  const clocks = [await databaseNowUs(client), ...(clock === undefined ? [] : [clock.nowUs()])];
  const state = await readState(client, table);
  figures.strays.set(
    { table: table.table },
    state.strays.reduce((sum, stray) => sum + stray.rows, 0),
  );

  for (const range of rangesToMake(table, clocks, state)) {
    const name = partitionName(table.table, table.unit, range);
    await attempt(`make partition ${name}`, async () => {
      const { column, defaultPartition, strays } = state;
      const isLive =
        range.fromUs <= Math.max(...clocks) || strays.some((stray) => stray.fromUs === range.fromUs);
      const made = {
        isLive,
        table: table.table,
        name,
        column,
        range,
        defaultPartition,
        storage: table.storage,
      };
      const moved = await attachPartition(client, made);
      figures.moved.inc({ table: table.table }, moved);
      logger.info({ partition: name, moved }, 'partition made');
    });
  }
  await dropOld(client, { table, clocks, state, attempt, figures, logger });
  const ranges = (await listPartitions(client, table.table)).flatMap(({ range }) => range ?? []);
  figures.coveredUntil.set({ table: table.table }, coveredUntil(ranges, Math.max(...clocks)) / 1_000_000);
}

interface DropWork {
  table: PartitionedTable;
  clocks: readonly number[];
  state: TableState;
  attempt: (what: string, fn: () => Promise<void>) => Promise<void>;
  figures: PartitionFigures;
  logger: Logger;
}

async function dropOld(
  client: ClientBase,
  { table, clocks, state, attempt, figures, logger }: DropWork,
): Promise<void> {
  const beforeUs = oldestKept(table, clocks);
  if (beforeUs === -Infinity) return;
  for (const { name, range } of state.partitions) {
    if (range === undefined || range.toUs > beforeUs) continue;
    await attempt(`drop partition ${name}`, async () => {
      await dropPartition(client, table.table, name);
      figures.dropped.inc({ table: table.table });
      logger.info({ partition: name }, 'partition dropped: older than is kept');
    });
  }
  const { defaultPartition, column, strays } = state;
  const sinceUs = table.sinceUs ?? Number.NEGATIVE_INFINITY;
  const hasOld = strays.some(({ fromUs }) => fromUs >= sinceUs && fromUs < beforeUs);
  if (defaultPartition === undefined || !hasOld) return;
  await attempt('remove old rows of the default partition', async () => {
    const rows = await deleteStrays(client, { partition: defaultPartition, column, sinceUs, beforeUs });
    logger.info({ table: table.table, rows }, 'rows removed: older than is kept');
  });
}
