import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import pg from 'pg';
import { codeOf } from '../../libs/errors/coded-error.ts';
import { type EmbeddedServer, startEmbeddedServer } from '../../libs/postgres/embedded-server.ts';
import { migrate } from '../../libs/postgres/migrate.ts';
import { createTestLog } from '../libs/postgres/logger.ts';
import { startCdrLoad } from '../support/cdr-load.ts';
import { until } from '../support/until.ts';
import { startFleetMode } from './fleet-mode.ts';
import { readLegBooks } from './legs-stored.sql.ts';

const MIGRATIONS = resolve(import.meta.dirname, '../../migrations');
const LONG_MS = 180_000;
const DISK = '768m';
const MEGABYTE = Buffer.alloc(1024 * 1024);
const { logger } = createTestLog('fatal');

/** A small disk of its own, which takes root to mount. */
function mountDisk(): { folder: string; fill(): void; free(): void; remove(): void } {
  const folder = mkdtempSync(join(tmpdir(), 'switchfleet-disk-'));
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${DISK},mode=0711`, 'tmpfs', folder]);
  chmodSync(folder, 0o711);
  const ballast = join(folder, 'ballast');
  return {
    folder,
    fill: () => {
      const file = openSync(ballast, 'w');
      try {
        for (;;) writeSync(file, MEGABYTE);
      } catch (error) {
        assert.equal(codeOf(error), 'ENOSPC');
      } finally {
        closeSync(file);
      }
    },
    free: () => rmSync(ballast),
    remove: () => {
      execFileSync('umount', ['--lazy', folder]);
      rmSync(folder, { recursive: true });
    },
  };
}

async function isAnswering(connectionString: string): Promise<boolean> {
  const client = new pg.Client({ connectionString, connectionTimeoutMillis: 2_000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query('create temporary table room as select generate_series(1, 10000)');
    return true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => undefined);
  }
}

test("PostgreSQL's disk is full under load: CDRs are taken all the time, and stored once when there is room", async (t) => {
  const disk = mountDisk();
  const dataDirectory = join(disk.folder, 'data');
  const settings = { max_wal_size: '64MB', min_wal_size: '32MB' };
  let server: EmbeddedServer = await startEmbeddedServer({ dataDirectory, logger, settings });
  const { connectionString } = server;
  await migrate({ connectionString, directory: MIGRATIONS, logger });
  let ended = false;
  void server.ended.then(() => {
    ended = true;
  });
  const product = await startFleetMode(t, {
    DATABASE_URL: connectionString,
    KAFKA_NAMESPACE: `disk-${randomBytes(4).toString('hex')}`,
    KAFKA_PARTITIONS: '2',
  });
  // after the services, whose end was asked for before
  t.after(() => server.stop().catch(() => undefined));
  t.after(disk.remove);
  const load = startCdrLoad(
    { urls: [`${product.cdrUrl}/cdr`], credentials: product.freeswitch, retries: 5, delayMs: 1_000 },
    { calls: 500, rate: 15 },
  );
  await until('CDRs come in', () => load.ledger.counts.accepted > 50, LONG_MS);

  disk.fill();
  const said = () => product.processes.get('writer')?.output() ?? '';
  await until(
    'the writer cannot write',
    () => ended || /No space left|the database|53100/.test(said()),
    LONG_MS,
  );
  const { accepted } = load.ledger.counts;
  await until('CDRs are taken all the same', () => load.ledger.counts.accepted > accepted + 100, LONG_MS);
  t.diagnostic(`PostgreSQL ${ended ? 'ended' : 'went on'}; the writer: ${said().split('\n').at(-2)}`);

  disk.free();
  // as its supervisor does
  if (ended || !(await isAnswering(connectionString))) {
    await server.stop().catch(() => undefined);
    server = await startEmbeddedServer({ dataDirectory, logger, settings });
    assert.equal(server.connectionString, connectionString);
  }
  await load.finished;
  assert.equal(load.ledger.counts.accepted, load.total);
  const client = new pg.Client({ connectionString });
  client.on('error', () => undefined);
  await client.connect();
  t.after(() => client.end());
  const legs = load.ledger.acceptedUuids();
  await until('all is stored', async () => (await readLegBooks(client, legs)).missing === 0, LONG_MS);
  assert.deepEqual(await readLegBooks(client, legs), { missing: 0, doubled: 0 });
});
