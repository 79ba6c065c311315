import { openPool, type Pool } from '../../libs/postgres/database.ts';
import { startEmbeddedServer } from '../../libs/postgres/embedded-server.ts';
import { migrate } from '../../libs/postgres/migrate.ts';
import { rebuild } from '../../libs/store/rollup.ts';
import { createLogger } from '../../libs/telemetry/logger.ts';
import { MIGRATIONS } from '../main/place.ts';
import type { KeptMonth } from './kept-month.ts';
import { attachCalls, insertCalls, makeRoom } from './loaded-calls.ts';

/** Not the product's: what is broken off is loaded anew, so nothing waits for the disk, and sorts have room. */
const SETTINGS = {
  wal_level: 'minimal',
  max_wal_senders: '0',
  fsync: 'off',
  full_page_writes: 'off',
  max_wal_size: '8GB',
  checkpoint_timeout: '1h',
  shared_buffers: '512MB',
  work_mem: '256MB',
  maintenance_work_mem: '512MB',
};
const LONGEST_MS = 6 * 3_600_000;
const DAY_US = 86_400_000_000;
const CHUNK = 1_000_000;
const SPAN_DAYS = 8;

interface Step {
  name: string;
  run: (pool: Pool) => Promise<unknown>;
}

/**
 * Fills a data directory with a month of `calls` calls and, as `switchfleet rollup rebuild` does, with its sums: step by step,
 * so that what was broken off goes on where it was. Before each step `isOver` is asked whether to leave it at that.
 */
export async function loadMonth(month: KeptMonth, calls: number, isOver = () => false): Promise<void> {
  const logger = createLogger({ service: 'bench', level: 'warn' });
  const { dataDirectory } = month;
  const server = await startEmbeddedServer({ dataDirectory, logger, settings: SETTINGS });
  const { connectionString } = server;
  try {
    await migrate({ connectionString, directory: MIGRATIONS, logger });
    const pool = openPool({ connectionString, name: 'bench load', size: 2, timeoutMs: LONGEST_MS, logger });
    for (const { name, run } of stepsOf(month, calls).slice(month.stepsDone)) {
      if (isOver()) break;
      const began = performance.now();
      await run(pool);
      await month.stepDone();
      process.stderr.write(`${name}: ${((performance.now() - began) / 1000).toFixed(1)} s\n`);
    }
    await pool.end();
  } finally {
    await server.stop();
  }
  month.isLoaded = month.stepsDone === stepsOf(month, calls).length;
}

function stepsOf({ span }: KeptMonth, calls: number): Step[] {
  const chunks = Array.from({ length: Math.ceil(calls / CHUNK) }, (_, at) => at * CHUNK);
  // The last calls of the month end in the next one.
  const untilUs = span.toUs + DAY_US;
  const spans = Array.from({ length: Math.ceil((untilUs - span.fromUs) / (SPAN_DAYS * DAY_US)) }, (_, at) => {
    const fromUs = span.fromUs + at * SPAN_DAYS * DAY_US;
    return { fromUs, toUs: Math.min(untilUs, fromUs + SPAN_DAYS * DAY_US) };
  });
  return [
    { name: 'made room', run: (pool) => makeRoom(pool, span) },
    ...chunks.map((from) => ({
      name: `calls from ${from}`,
      run: (pool: Pool) => insertCalls(pool, { calls, from, to: Math.min(calls, from + CHUNK), ...span }),
    })),
    { name: 'indexes', run: (pool) => attachCalls(pool, span) },
    { name: 'analyzed', run: (pool) => pool.query('analyze calls') },
    ...spans.map((part) => ({
      name: `sums from ${new Date(part.fromUs / 1000).toISOString()}`,
      run: (pool: Pool) => rebuild(pool, part),
    })),
    { name: 'vacuumed', run: (pool) => pool.query('vacuum analyze') },
  ];
}
