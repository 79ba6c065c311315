import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import type { Pool } from 'pg';
import { startCdrLoad } from '../support/cdr-load.ts';
import { spooledText } from '../support/simulator/cdr-body.ts';
import type { CdrPost } from '../support/simulator/cdr-poster.ts';
import { startKafkaBroker } from '../support/stack/kafka-broker.ts';
import { testDatabase } from '../support/stack/test-database.ts';
import { until } from '../support/until.ts';
import { type FleetMode, startFleetMode } from './fleet-mode.ts';
import { switchfleet } from './product.ts';

const LONG_MS = 180_000;
const CALLS = { calls: 40, rate: 20 };

/** The fleet mode on a Kafka of its own, which has nothing of any earlier one. */
async function startOnFreshKafka(t: TestContext, connectionString: string) {
  const broker = await startKafkaBroker();
  const product = await startFleetMode(t, {
    DATABASE_URL: connectionString,
    KAFKA_BROKERS: broker.address,
    KAFKA_PARTITIONS: '2',
  });
  // after the services, whose end was asked for before
  t.after(() => broker.stop());
  return { broker, product };
}

async function stop({ processes }: FleetMode): Promise<void> {
  await Promise.all([...processes.values()].map((child) => child.stop('SIGTERM', 60_000)));
}

/** A server with both folders: what nobody took (`err-log-dir`), and everything (`log-dir` with `log-http-and-disk`). */
async function openNode(t: TestContext) {
  const [errLogDir, logDir] = await Promise.all([makeFolder(t), makeFolder(t)]);
  return {
    errLogDir,
    logDir,
    /** Posts CDRs as FreeSWITCH does. */
    play: async ({ cdrUrl, freeswitch }: FleetMode) => {
      const delivery = {
        urls: [`${cdrUrl}/cdr`],
        credentials: freeswitch,
        retries: 9,
        delayMs: 1_000,
        errLogDir,
      };
      const load = startCdrLoad(delivery, CALLS);
      await Promise.all(load.posts.map((post) => writeWhole(logDir, post)));
      await load.finished;
      return load.ledger.counts;
    },
  };
}

async function makeFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'switchfleet-node-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** As mod_xml_cdr writes to log-dir: the XML without its encoding, before it posts. */
function writeWhole(folder: string, { uuid, prefix, body }: CdrPost): Promise<void> {
  const xml = spooledText(body).replace(/%([0-9A-Fa-f]{2})/g, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  return writeFile(join(folder, `${prefix}${uuid}.cdr.xml`), xml, 'latin1');
}

/** As the operator does it, through service cdr. */
function importFolder(product: FleetMode, folder: string): Promise<string> {
  const { username, password } = product.freeswitch;
  const credential = { FREESWITCH_USERNAME: username, FREESWITCH_PASSWORD: password };
  const operator = { ...product, cliEnvironment: { ...product.cliEnvironment, ...credential } };
  return switchfleet(operator, 'cdr', 'import', folder, '--delete', '--url', `${product.cdrUrl}/cdr`);
}

/** Rows of CDRs, the legs they are of, those that are folded, and those that are of a call. */
async function booksOf(pool: Pool): Promise<Record<string, number>> {
  const { rows } = await pool.query(
    `select count(*)::integer as rows, count(distinct uuid)::integer as legs,
       (select count(*)::integer from legs where json_typeof(evidence -> 'cdr') = 'object') as folded,
       (select count(distinct leg)::integer from calls, unnest(legs) as leg where merged_into is null) as of_calls
     from cdr`,
  );
  return rows[0] ?? {};
}

test('Kafka is lost with all it held: what is stored stays, the nodes have the rest, and it goes on', async (t) => {
  const { connectionString, database } = await testDatabase(t);
  const node = await openNode(t);
  const stored = async (count: number) => {
    const whole = { rows: count, legs: count, folded: count, of_calls: count };
    const isThere = async () => isDeepStrictEqual(await booksOf(database.write), whole);
    await until(`${count} CDRs are stored and of calls`, isThere, LONG_MS).catch(() => undefined);
    assert.deepEqual(await booksOf(database.write), whole);
  };

  const first = await startOnFreshKafka(t, connectionString);
  const before = await node.play(first.product);
  await stored(before.accepted);

  // what is on Kafka and nowhere else of ours
  await first.product.processes.get('writer')?.stop('SIGTERM', LONG_MS);
  await first.product.processes.get('merger')?.stop('SIGTERM', LONG_MS);
  const only = await node.play(first.product);
  assert.equal(only.accepted, only.posts);
  await first.broker.halt('SIGKILL');
  const away = await node.play({ ...first.product });
  assert.deepEqual([away.accepted, away.lost], [0, 0], 'nothing is taken that is not durable');
  await stop(first.product);

  const second = await startOnFreshKafka(t, connectionString);
  assert.equal((await readdir(node.errLogDir)).length, before.spooled + only.spooled + away.spooled);
  await importFolder(second.product, node.errLogDir);
  assert.deepEqual(await readdir(node.errLogDir), [], 'each file is durable and gone');
  await stored(before.posts + away.posts);
  await importFolder(second.product, node.logDir);
  await stored(before.posts + only.posts + away.posts);

  const after = await node.play(second.product);
  assert.equal(after.accepted, after.posts);
  await stored(before.posts + only.posts + away.posts + after.posts);
});
