import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { backUp } from '../../libs/postgres/embedded/backup.ts';
import { type EmbeddedServer, startEmbeddedServer } from '../../libs/postgres/embedded-server.ts';
import { migrate } from '../../libs/postgres/migrate.ts';
import { createTestLog } from '../libs/postgres/logger.ts';
import { startProxy } from '../libs/postgres/proxy.ts';
import { startCdrLoad } from '../support/cdr-load.ts';
import { until } from '../support/until.ts';
import { type FleetMode, startFleetMode } from './fleet-mode.ts';
import { type Product, switchfleet } from './product.ts';

const MIGRATIONS = resolve(import.meta.dirname, '../../migrations');
const LONG_MS = 120_000;
/** How long nobody is the primary. */
const GAP_MS = 5_000;
const { logger } = createTestLog('error');

/** A primary, and a replica that has what the primary answered: a commit waits for both. */
async function startPair(t: TestContext): Promise<{ primary: EmbeddedServer; replica: EmbeddedServer }> {
  const folder = await mkdtemp(join(tmpdir(), 'switchfleet-failover-'));
  await chmod(folder, 0o711);
  t.after(() => rm(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 }));
  const dataDirectory = join(folder, 'primary');
  const settings = { synchronous_standby_names: '*', wal_keep_size: '512MB' };
  // until there is a replica nothing may wait for it
  const first = await startEmbeddedServer({ dataDirectory, logger });
  await migrate({ connectionString: first.connectionString, directory: MIGRATIONS, logger });
  const target = join(folder, 'replica');
  await backUp({ connectionString: first.connectionString, dataDirectory, target });
  await first.stop();
  const primary = await startEmbeddedServer({
    dataDirectory,
    logger,
    settings: { ...settings, synchronous_commit: 'on' },
  });
  t.after(() => primary.stop());
  const { port, password } = new URL(primary.connectionString);
  await writeFile(join(target, 'postgres/data/standby.signal'), '');
  const replica = await startEmbeddedServer({
    dataDirectory: target,
    logger,
    settings: { primary_conninfo: `host=127.0.0.1 port=${port} user=postgres password=${password}` },
  });
  t.after(() => replica.stop());
  return { primary, replica };
}

/** Asks for a user all the time; counts what is not an answer with this user. */
function askDirectory({ directoryUrl, freeswitch }: Product, user: string) {
  const counts = { answers: 0, wrong: 0 };
  const state = { isOver: false };
  const credentials = Buffer.from(`${freeswitch.username}:${freeswitch.password}`).toString('base64');
  const body = new URLSearchParams({
    ...{
      hostname: 'fs01',
      section: 'directory',
      tag_name: 'domain',
      key_name: 'name',
      key_value: 'failover.example',
    },
    ...{ action: 'sip_auth', key: 'id', user, domain: 'failover.example' },
  });
  const ended = (async () => {
    for (; !state.isOver; await sleep(50)) {
      const headers = { authorization: `Basic ${credentials}` };
      const signal = AbortSignal.timeout(5_000);
      const answer = await fetch(`${directoryUrl}/freeswitch`, {
        method: 'POST',
        headers,
        body,
        signal,
      }).catch(() => undefined);
      counts.answers += 1;
      if (!(await answer?.text())?.includes(`<user id="${user}"`)) counts.wrong += 1;
    }
  })();
  return {
    counts,
    end: async () => {
      state.isOver = true;
      await ended;
    },
  };
}

test('PostgreSQL fails over under load: lookups are answered throughout, no CDR is lost or doubled', async (t) => {
  const { primary, replica } = await startPair(t);
  const proxy = await startProxy(primary.connectionString);
  t.after(() => proxy.close());
  const product = await startFleetMode(t, {
    DATABASE_URL: proxy.connectionString,
    KAFKA_NAMESPACE: `failover-${randomBytes(4).toString('hex')}`,
    KAFKA_PARTITIONS: '2',
  });
  await switchfleet(product, 'user', 'add', '1001@failover.example', '--password', '1234');
  const asking = askDirectory(product, '1001');
  await until('the user is known', () => asking.counts.answers > asking.counts.wrong, LONG_MS);
  asking.counts.wrong = 0;
  const load = startCdrLoad(
    { urls: [`${product.cdrUrl}/cdr`], credentials: product.freeswitch, retries: 5, delayMs: 1_000 },
    { calls: 500, rate: 20 },
  );
  await until('CDRs come in', () => load.ledger.counts.accepted > 100, LONG_MS);

  process.kill(primary.pid, 'SIGKILL');
  proxy.cut();
  await sleep(GAP_MS);
  const client = new pg.Client({ connectionString: replica.connectionString });
  client.on('error', () => undefined);
  await client.connect();
  t.after(() => client.end());
  await client.query('select pg_promote()');
  proxy.redirect(replica.connectionString);

  await load.finished;
  await asking.end();
  const { accepted, failedAttempts } = load.ledger.counts;
  const refused = Map.groupBy(
    load.ledger.outcomes.flatMap(({ answers }) => answers),
    (answer) => answer,
  );
  t.diagnostic(`${asking.counts.answers} lookups, ${load.total} CDRs, ${failedAttempts} posts again`);
  t.diagnostic(
    `answers to posts: ${[...refused].map(([answer, all]) => `${answer} ${all.length}`).join(', ')}`,
  );
  assert.equal(asking.counts.wrong, 0);
  assert.equal(accepted, load.total, product.processes.get('cdr')?.output().slice(-3_000));
  await until('every CDR is stored', async () => (await rowsOf(client)).uuids === load.total, LONG_MS);
  // the merger has them from the bus by itself
  await until('every CDR is in its leg', async () => (await rowsOf(client)).folded >= load.total, LONG_MS);
  assert.deepEqual(await rowsOf(client), { rows: load.total, uuids: load.total, folded: load.total });
  await changesArrive(product);
});

async function rowsOf(client: pg.Client): Promise<{ rows: number; uuids: number; folded: number }> {
  const { rows } = await client.query(
    `select count(*)::integer as rows, count(distinct uuid)::integer as uuids,
       (select count(*)::integer from legs where json_typeof(evidence -> 'cdr') = 'object') as folded from cdr`,
  );
  return rows[0];
}

/** LISTEN and the change log go on over there. */
async function changesArrive(product: FleetMode): Promise<void> {
  await switchfleet(product, 'user', 'add', '1002@failover.example', '--password', '1234');
  const asking = askDirectory(product, '1002');
  await until(
    'a change made on the new primary is answered',
    () => asking.counts.answers > asking.counts.wrong,
    LONG_MS,
  );
  await asking.end();
}
