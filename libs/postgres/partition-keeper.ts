import type { ClientBase, Pool } from 'pg';
import type { Registry } from 'prom-client';
import type { Clock } from '../clock/clock.ts';
import { messageOf } from '../errors/coded-error.ts';
import type { Stoppable } from '../lifecycle/stoppable.ts';
import type { Logger } from '../telemetry/logger.ts';
import { Client } from './client.ts';
import {
  attachPartition,
  databaseNowUs,
  deleteStrays,
  dropPartition,
  listPartitions,
} from './partition.sql.ts';
import { createPartitionFigures, type PartitionFigures } from './partition-figures.ts';
import { coveredUntil, overlap, partitionName } from './partition-range.ts';
import { attemptWork, type WorkOutcome, type WorkPlace } from './partition-work.ts';
import {
  expiredOf,
  type PartitionedTable,
  rangesToMake,
  readState,
  type TableState,
} from './partitioned-table.ts';
import { isConnectionError } from './sql-state.ts';

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
  /** Runs once, then at intervals. Resolves after the first run, or sooner when that takes long. Never rejects: what fails is logged and tried again. */
  start(): Promise<void>;
  /** One run over all tables; what cannot be done is logged, counted and left for the next one. */
  run(): Promise<void>;
}

/** Moving a month of strays takes longer than a statement of a service may. */
const STATEMENT_MS = 600_000;
/** A service begins without what a keeper could not do by then: the default partitions take what has no other. */
const START_MS = 5_000;

/**
 * Keeps partitions: makes those of now and ahead, moves rows that strayed into the default partition to partitions of
 * their own, drops what is older than is kept. Rows dated further ahead than `ahead` stay in the default partition.
 * Partitions are made for our clock and for the database's, and dropped only when both say so: a wrong clock costs
 * an unused partition and never data. One instance works on a table at a time.
 */
export function createPartitionKeeper(options: PartitionKeeperOptions): PartitionKeeper {
  const { pool, tables, logger, intervalMs = 600_000 } = options;
  const figures = createPartitionFigures(options.metrics);
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> | undefined;
  let isStopping = false;

  /** A table that cannot be understood does not keep the others waiting; a connection that is lost does. */
  async function keepOrTell(client: Client, table: PartitionedTable): Promise<void> {
    try {
      await keepTable(client, table, options, figures);
    } catch (error) {
      if (isConnectionError(error)) throw error;
      figures.failures.inc({ table: table.table });
      logger.error(
        { table: table.table, reason: messageOf(error) },
        'partitions cannot be kept, will try again',
      );
    }
  }

  async function runOnce(): Promise<void> {
    try {
      await onOwnConnection(pool, async (client) => {
        for (const table of tables) if (!isStopping) await keepOrTell(client, table);
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
      await within(run(), START_MS);
    },
    stop: async () => {
      isStopping = true;
      clearInterval(timer);
      await running;
    },
  };
}

/** Waits for work, but not for long: it goes on by itself. */
async function within(work: Promise<void>, ms: number): Promise<void> {
  const late = Promise.withResolvers<void>();
  const timer = setTimeout(late.resolve, ms);
  await Promise.race([work, late.promise]);
  clearTimeout(timer);
}

/** Its limits are not those of a service's query. */
async function onOwnConnection(pool: Pool, fn: (client: Client) => Promise<void>): Promise<void> {
  const client = new Client({
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
  const clocks = [await databaseNowUs(client), ...(clock === undefined ? [] : [clock.nowUs()])];
  const state = await readState(client, table);
  const rows = state.strays.reduce((sum, stray) => sum + stray.rows, 0);
  figures.strays.set({ table: table.table }, rows);
  const work = { place: { client, table: table.table, figures, logger }, table, clocks, state };
  if ((await makeMissing(work)) !== 'held') await dropOld(work);
  const ranges = (await listPartitions(client, table.table)).flatMap(({ range }) => range ?? []);
  figures.coveredUntil.set({ table: table.table }, coveredUntil(ranges, Math.max(...clocks)) / 1_000_000);
}

interface TableWork {
  place: WorkPlace;
  table: PartitionedTable;
  clocks: readonly number[];
  state: TableState;
}

/** Ends where the table is not free: each further try would make everybody wait once more. */
async function makeMissing({ place, table, clocks, state }: TableWork): Promise<WorkOutcome> {
  const { client, figures, logger } = place;
  const { column, defaultPartition, strays } = state;
  const liveUntilUs = Math.max(...clocks);
  for (const range of rangesToMake(table, clocks, state)) {
    const name = partitionName(table.table, table.unit, range);
    const outcome = await attemptWork(place, `make partition ${name}`, async (partitions) => {
      if (partitions.some((other) => other.range !== undefined && overlap(range, other.range))) return;
      const isLive = range.fromUs <= liveUntilUs || strays.some((stray) => stray.fromUs === range.fromUs);
      const made = { table: table.table, name, column, range, defaultPartition, storage: table.storage };
      const moved = await attachPartition(client, { ...made, isLive });
      figures.moved.inc({ table: table.table }, moved);
      logger.info({ partition: name, moved }, 'partition made');
    });
    if (outcome === 'held') return outcome;
  }
  return 'done';
}

/** Ends where the table is not free, as making does. */
async function dropOld({ place, table, clocks, state }: TableWork): Promise<void> {
  const { client, figures, logger } = place;
  const { partitions: old, strays } = expiredOf(table, clocks, state);
  for (const name of old) {
    const outcome = await attemptWork(place, `drop partition ${name}`, async (partitions) => {
      if (!partitions.some((partition) => partition.name === name)) return;
      await dropPartition(client, table.table, name);
      figures.dropped.inc({ table: table.table });
      logger.info({ partition: name }, 'partition dropped: older than is kept');
    });
    if (outcome === 'held') return;
  }
  if (strays === undefined) return;
  await attemptWork(place, 'remove old rows of the default partition', async () => {
    const rows = await deleteStrays(client, strays);
    logger.info({ table: table.table, rows }, 'rows removed: older than is kept');
  });
}
