import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { type EmbeddedServer, startEmbeddedServer } from '../../../libs/postgres/embedded-server.ts';
import { migrate } from '../../../libs/postgres/migrate.ts';
import { createLogger } from '../../../libs/telemetry/logger.ts';
import { type CdrLoad, startCdrLoad } from '../../support/cdr-load.ts';
import { type Child, startChild } from '../../support/child-process.ts';
import { switchfleet } from '../../support/command.ts';
import { spoolFiles, uuidOf } from '../../support/recorded-cdrs.ts';
import { freePort } from '../../support/stack/free-port.ts';
import { type KafkaBroker, startKafkaBroker } from '../../support/stack/kafka-broker.ts';
import { until } from '../../support/until.ts';

/** Fleet mode on a Kafka and a PostgreSQL of our own, which may be stopped: these tests need Java here. */
const broker = await startKafkaBroker().catch((error: Error) => {
  if (process.env['CI'] === 'true') throw error;
  return error.message;
});
const skip = typeof broker === 'string' ? broker : false;

const OUTAGE_MS = 20_000;
const RATE = 15;
const CREDENTIALS = { username: 'freeswitch', password: 'secret' };
const logger = createLogger({ service: 'test', level: 'silent' });

type ServiceName = 'cdr-1' | 'cdr-2' | 'writer';

interface Site {
  broker: KafkaBroker;
  urls: string[];
  /** takes the database away and brings it back */
  database: { stop(signal?: 'SIGQUIT'): Promise<void>; start(): Promise<void>; url: string };
  kill(name: ServiceName): Promise<void>;
  start(name: ServiceName): Promise<void>;
  spool: string;
}

async function openDatabase(folder: string) {
  let server: EmbeddedServer = await startEmbeddedServer({ dataDirectory: folder, logger });
  await migrate({
    connectionString: server.connectionString,
    directory: resolve(import.meta.dirname, '../../../migrations'),
    logger,
  });
  return {
    url: server.connectionString,
    stop: async (signal?: 'SIGQUIT') => {
      if (signal !== undefined) {
        process.kill(server.pid, signal);
        await server.ended;
      }
      await server.stop();
    },
    start: async () => {
      server = await startEmbeddedServer({ dataDirectory: folder, logger });
    },
  };
}

async function openSite(t: TestContext, ownBroker: KafkaBroker): Promise<Site> {
  const folder = mkdtempSync(join(tmpdir(), 'switchfleet-faults-'));
  chmodSync(folder, 0o711);
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const database = await openDatabase(join(folder, 'data'));
  t.after(() => database.stop());
  const ports = { 'cdr-1': await freePort(), 'cdr-2': await freePort(), writer: await freePort() };
  const children = new Map<ServiceName, Child>();
  const start = async (name: ServiceName) => {
    const service = name === 'writer' ? 'writer' : 'cdr';
    const child = startChild({
      entry: `services/${service}/main.ts`,
      environment: {
        DATABASE_URL: database.url,
        KAFKA_BROKERS: ownBroker.address,
        KAFKA_PARTITIONS: '3',
        BUS_SESSION_MS: '6000',
        FREESWITCH_PASSWORD: CREDENTIALS.password,
        DATA_DIR: join(folder, name),
        [`${service.toUpperCase()}_PORT`]: String(ports[name]),
      },
    });
    children.set(name, child);
    await child.printed(/(cdr|writer) works/, 60_000);
  };
  t.after(async () => {
    for (const child of children.values()) await child.stop('SIGKILL');
  });
  for (const name of ['writer', 'cdr-1', 'cdr-2'] as const) await start(name);
  return {
    broker: ownBroker,
    urls: [`http://127.0.0.1:${ports['cdr-1']}/cdr`, `http://127.0.0.1:${ports['cdr-2']}/cdr`],
    database,
    start,
    kill: async (name) => {
      await children.get(name)?.stop('SIGKILL');
    },
    spool: join(folder, 'spool'),
  };
}

/** Every leg of `cdr`, and how many rows. @throws while the database is away */
async function readStored({ database }: Site): Promise<string[]> {
  const client = new pg.Client({ connectionString: database.url, connectionTimeoutMillis: 2_000 });
  await client.connect();
  try {
    const { rows } = await client.query<{ uuid: string }>('select uuid from cdr');
    return rows.map(({ uuid }) => uuid);
  } finally {
    await client.end();
  }
}

/** Waits until every expected leg is stored, then looks that each is there once, beside those of before. */
async function assertStoredOnce(
  site: Site,
  before: readonly string[],
  expected: ReadonlySet<string>,
): Promise<void> {
  const isThere = async () => {
    const stored = new Set(await readStored(site).catch(() => []));
    return [...expected].every((uuid) => stored.has(uuid));
  };
  await until('every accepted CDR is stored', isThere, 90_000);
  const stored = (await readStored(site)).filter((uuid) => !before.includes(uuid));
  assert.equal(stored.length, new Set(stored).size, 'none twice');
  const refused = stored.filter((uuid) => !expected.has(uuid));
  assert.deepEqual(refused, [], 'nothing that nobody posted');
}

const posting = (site: Site, retries: number) => ({
  urls: site.urls,
  credentials: CREDENTIALS,
  retries,
  delayMs: 500,
  timeoutMs: 5_000,
  errLogDir: site.spool,
});

/** Ends the load, imports what FreeSWITCH had to spool, and gives every leg that was posted. */
async function finish(site: Site, load: CdrLoad): Promise<Set<string>> {
  await load.finished;
  assert.equal(load.ledger.counts.posts, load.total);
  assert.equal(load.ledger.counts.lost, 0);
  if (load.ledger.counts.spooled > 0) {
    const environment = { FREESWITCH_PASSWORD: CREDENTIALS.password };
    await until(
      'a cdr service works',
      async () => (await fetch(new URL('/health/ready', site.urls[0])).catch(() => undefined))?.ok === true,
      60_000,
    );
    // FreeSWITCH wrote its last file just now: the importer waits until a file has been left alone for two seconds.
    await sleep(2_100);
    const { code, out, err } = await switchfleet(
      ['--json', 'cdr', 'import', site.spool, '--delete', '--url', site.urls[0] ?? ''],
      environment,
    );
    assert.equal(code, 0, err);
    assert.equal(JSON.parse(out.toString()).accepted, load.ledger.counts.spooled);
    assert.deepEqual(
      readdirSync(site.spool).filter((name) => name.endsWith('.cdr.xml')),
      [],
    );
  }
  return new Set(load.ledger.outcomes.map(({ uuid }) => uuid));
}

async function postgresStops(site: Site): Promise<void> {
  const before = await readStored(site);
  const load = startCdrLoad(posting(site, 2), { calls: 220, rate: RATE });
  await sleep(1_000);
  await site.database.stop();
  await sleep(OUTAGE_MS);
  const { accepted, failedAttempts } = load.ledger.counts;
  assert.ok(accepted > (OUTAGE_MS / 1000) * RATE * 0.5, 'CDRs are taken without the database');
  assert.equal(failedAttempts, 0, 'and none is refused');
  await site.database.start();
  await assertStoredOnce(site, before, await finish(site, load));
}

async function kafkaStops(site: Site): Promise<void> {
  const before = await readStored(site);
  const load = startCdrLoad(posting(site, 1), { calls: 220, rate: RATE });
  await sleep(1_000);
  await site.broker.halt('SIGTERM');
  await sleep(OUTAGE_MS);
  await site.broker.resume();
  const expected = await finish(site, load);
  const answers = load.ledger.outcomes.flatMap((outcome) => outcome.answers);
  assert.ok(answers.includes('503'), 'what is not durable gets a 503');
  const others = answers.filter((answer) => answer !== '200' && answer !== '503');
  assert.deepEqual(others, [], 'and nothing hangs or breaks');
  assert.ok(load.ledger.counts.spooled > 0);
  await assertStoredOnce(site, before, expected);
}

async function processesDie(site: Site): Promise<void> {
  const before = await readStored(site);
  const load = startCdrLoad(posting(site, 4), { calls: 300, rate: RATE });
  for (const name of ['cdr-1', 'writer', 'cdr-2'] as const) {
    await sleep(2_000);
    await site.kill(name);
    await site.start(name);
  }
  await sleep(1_000);
  await site.database.stop('SIGQUIT');
  await site.database.start();
  await assertStoredOnce(site, before, await finish(site, load));
}

/** As large as a body may be: 16 MiB. */
function largestCdr(): { body: string; uuid: string } {
  const uuid = '16161616-0000-4000-8000-000000000000';
  const [recorded = assert.fail()] = spoolFiles().filter(({ body }) => body[0] === 0x3c);
  const text = recorded.body.toString('latin1').replaceAll(uuidOf(recorded), uuid);
  const room = 16 * 1024 * 1024 - text.length - '<large></large>\n'.length;
  const large = `<large>${'0123456789abcdef'.repeat(room / 16).padEnd(room, 'x')}</large>\n`;
  return { body: text.replace('</variables>', `${large}</variables>`), uuid };
}

async function takesLarge(site: Site): Promise<void> {
  const before = await readStored(site);
  const { body, uuid } = largestCdr();
  assert.equal(body.length, 16 * 1024 * 1024);
  const load = startCdrLoad(posting(site, 4), { calls: 40, rate: RATE });
  const authorization = `Basic ${Buffer.from(`${CREDENTIALS.username}:${CREDENTIALS.password}`).toString('base64')}`;
  const posted = await fetch(`${site.urls[0]}?uuid=${uuid}`, {
    method: 'POST',
    headers: { authorization },
    body,
  });
  assert.deepEqual([posted.status, await posted.json()], [200, { durable: true, uuid, reject: null }]);
  const expected = await finish(site, load);
  // all of it is stored before anything can fail: what comes later belongs to the next test
  await assertStoredOnce(site, before, expected.add(uuid));
  // a machine that is busy otherwise answers 503 within a second, and takes it at the next attempt
  const answers = load.ledger.outcomes.flatMap((outcome) => outcome.answers);
  const others = answers.filter((answer) => answer !== '200' && answer !== '503');
  assert.deepEqual([others, load.ledger.counts.spooled], [[], 0], 'it held up nobody');
  const { code, out, err } = await switchfleet(['cdr', 'show', uuid], { DATABASE_URL: site.database.url });
  assert.deepEqual([code, err, out.toString('latin1') === body], [0, '', true], 'byte for byte');
}

test('CDRs in fleet mode, two services cdr and one writer', { skip, timeout: 400_000 }, async (t) => {
  if (typeof broker === 'string') return;
  t.after(() => broker.stop());
  const site = await openSite(t, broker);
  await t.test('a body of 16 MiB is taken, at once, and holds up nobody', () => takesLarge(site));
  await t.test('PostgreSQL is away for 20 s: every CDR is taken, and stored once when it is back', () =>
    postgresStops(site),
  );
  await t.test(
    'Kafka is away for 20 s: 503s, and after retries and the import of the spool each is stored once',
    () => kafkaStops(site),
  );
  await t.test(
    'kill -9 of each service, and an immediate shutdown of PostgreSQL, in the middle of batches',
    () => processesDie(site),
  );
});
