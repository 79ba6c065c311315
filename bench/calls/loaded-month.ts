import { openPool } from '../../libs/postgres/database.ts';
import { startEmbeddedServer } from '../../libs/postgres/embedded-server.ts';
import { migrate } from '../../libs/postgres/migrate.ts';
import { rebuild } from '../../libs/store/rollup.ts';
import { createLogger } from '../../libs/telemetry/logger.ts';
import { MIGRATIONS } from '../main/place.ts';
import type { KeptMonth } from './kept-month.ts';
import { loadCalls } from './loaded-calls.ts';

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

/** Fills an empty data directory with a month of `calls` calls and, as `switchfleet rollup rebuild` does, with its sums. */
export async function loadMonth({ dataDirectory, span }: KeptMonth, calls: number): Promise<void> {
  const logger = createLogger({ service: 'bench', level: 'warn' });
  const server = await startEmbeddedServer({ dataDirectory, logger, settings: SETTINGS });
  const { connectionString } = server;
  try {
    await migrate({ connectionString, directory: MIGRATIONS, logger });
    const pool = openPool({ connectionString, name: 'bench load', size: 2, timeoutMs: LONGEST_MS, logger });
    const time = stopwatch();
    await loadCalls(pool, { calls, ...span });
    time('loaded');
    await pool.query('analyze calls');
    // The last calls of the month end in the next one.
    await rebuild(pool, { fromUs: span.fromUs, toUs: span.toUs + DAY_US });
    time('rollups built');
    await pool.query('vacuum analyze');
    time('vacuumed');
    await pool.end();
  } finally {
    await server.stop();
  }
}

function stopwatch(): (what: string) => void {
  let began = performance.now();
  return (what) => {
    process.stderr.write(`${what} in ${((performance.now() - began) / 1000).toFixed(1)} s\n`);
    began = performance.now();
  };
}
