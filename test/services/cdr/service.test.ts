import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request } from 'node:http';
import { type TestContext, test } from 'node:test';
import { openBus } from '../../../libs/bus/open-bus.ts';
import { createClock } from '../../../libs/clock/clock.ts';
import { loadConfig } from '../../../libs/config/config.ts';
import { CodedError } from '../../../libs/errors/coded-error.ts';
import { openDatabase } from '../../../libs/postgres/database.ts';
import { TOPICS } from '../../../libs/records/topics.ts';
import { createLogger } from '../../../libs/telemetry/logger.ts';
import { createMetrics } from '../../../libs/telemetry/metrics.ts';
import { createCdrService } from '../../../services/cdr/service.ts';
import { createWriterService } from '../../../services/writer/service.ts';
import { recordedPosts, uuidOf } from '../../support/recorded-cdrs.ts';
import { testDatabase } from '../../support/stack/test-database.ts';
import { until } from '../../support/until.ts';
import { untilTaken } from '../../support/until-taken.ts';
import { createFakeBus, type FakeBus } from './fake-bus.ts';

async function startBoth(t: TestContext) {
  const { connectionString } = await testDatabase(t);
  const config = loadConfig({
    DATABASE_URL: connectionString,
    FREESWITCH_PASSWORD: 'secret',
    CDR_PORT: '0',
    WRITER_PORT: '0',
    // what was recorded shall not expire
    CDR_RETENTION_MONTHS: '1200',
    CDR_DOCUMENT_RETENTION_DAYS: '36500',
  });
  const shared = { config, clock: createClock(), logger: createLogger({ service: 'test', level: 'silent' }) };
  const bus = await openBus({ ...shared, metrics: createMetrics('bus') });
  const database = openDatabase(shared);
  const cdr = createCdrService({ ...shared, metrics: createMetrics('cdr'), bus });
  const writer = createWriterService({ ...shared, metrics: createMetrics('writer'), bus, database });
  t.after(async () => {
    await cdr.stop();
    await writer.stop();
    await bus.close();
    await database.stop();
  });
  await writer.start();
  await cdr.start();
  return { cdr, writer, database, port: cdr.port ?? 0 };
}

const post = (port: number, path: string, body: Buffer) => untilTaken(() => postOnce(port, path, body));

/** One post as FreeSWITCH makes it: a connection of its own, `Expect: 100-continue` for a large body. */
async function postOnce(port: number, path: string, body: Buffer): Promise<number> {
  const sent = request({
    port,
    host: '127.0.0.1',
    path,
    method: 'POST',
    agent: false,
    headers: {
      authorization: `Basic ${Buffer.from('freeswitch:secret').toString('base64')}`,
      'content-length': body.length,
      expect: '100-continue',
    },
  });
  sent.flushHeaders();
  await once(sent, 'continue');
  sent.end(body);
  const [answer] = await once(sent, 'response');
  answer.resume();
  return answer.statusCode;
}

test('what is posted four times over at once is stored once, from the socket to the row', async (t) => {
  const { cdr, writer, database, port } = await startBoth(t);
  assert.deepEqual([cdr.health().ready, writer.health().ready], [true, true]);
  const posts = recordedPosts().slice(0, 40);
  const four = [...posts, ...posts, ...posts, ...posts];
  const answers = await Promise.all(four.map(({ url, body }) => post(port, url, body)));
  assert.ok(answers.every((status) => status === 200));
  const garbage = await post(port, '/cdr?uuid=a_leg-1', Buffer.from('nonsense?'));
  assert.equal(garbage, 200);
  const legs = new Set(posts.map(uuidOf)).size;
  const count = async (sql: string) => Number((await database.write.query<{ n: string }>(sql)).rows[0]?.n);
  await until(
    'every leg is stored',
    async () => (await count('select count(*) as n from cdr')) === legs,
    20_000,
  );
  await until(
    'the garbage is kept',
    async () => (await count('select count(*) as n from cdr_rejects')) === 1,
    20_000,
  );
  assert.equal(await count(`select count(*) as n from cdr where format = 'xml'`), legs);
  const made = `select count(*) as n from pg_inherits where inhparent in ('cdr'::regclass, 'cdr_documents'::regclass)`;
  assert.ok(
    (await count(made)) >= 2 + 3 + 4,
    'partitions of this month, two ahead, and of four days, beside the default ones',
  );
});

test('the same CDR posted four times in parallel to three instances is one row, and no reject', async (t) => {
  const { connectionString } = await testDatabase(t);
  const config = loadConfig({
    DATABASE_URL: connectionString,
    FREESWITCH_PASSWORD: 'secret',
    CDR_PORT: '0',
    WRITER_PORT: '0',
  });
  const shared = { config, clock: createClock(), logger: createLogger({ service: 'test', level: 'silent' }) };
  const database = openDatabase(shared);
  const buses = await Promise.all([1, 2, 3].map(() => openBus({ ...shared, metrics: createMetrics('bus') })));
  const services = buses.map((bus) => createCdrService({ ...shared, metrics: createMetrics('cdr'), bus }));
  const [bus = assert.fail()] = buses;
  const writer = createWriterService({ ...shared, metrics: createMetrics('writer'), bus, database });
  t.after(async () => {
    for (const service of [...services, writer]) await service.stop();
    for (const one of buses) await one.close();
    await database.stop();
  });
  for (const service of [writer, ...services]) await service.start();
  const [recorded = assert.fail()] = recordedPosts();
  const ports = services.flatMap(({ port = 0 }) => [port, port, port, port]);
  const answers = await Promise.all(ports.map((port) => post(port, recorded.url, recorded.body)));
  assert.deepEqual(answers, Array(12).fill(200));
  const behind = `select sum(t.next_offsets[p.partition + 1] - p.next_offset)::int as n
    from bus_positions p join bus_topics t on t.id = p.topic_id`;
  await until(
    'the writer has applied all twelve',
    async () => (await database.write.query<{ n: number }>(behind)).rows[0]?.n === 0,
    20_000,
  );
  const { rows } = await database.write.query(
    'select (select count(*) from cdr)::int as rows, (select count(*) from cdr_documents)::int as documents, (select count(*) from cdr_rejects)::int as rejects',
  );
  assert.deepEqual(rows, [{ rows: 1, documents: 1, rejects: 0 }]);
});

/** The service over a bus whose check is the test's, and what posts a large body to it. */
function serviceOver(t: TestContext, check: FakeBus['check']) {
  const config = loadConfig({ FREESWITCH_PASSWORD: 'secret', CDR_PORT: '0', DRAIN_MS: '0' });
  const bus = Object.assign(createFakeBus(), { check });
  const cdr = createCdrService({
    config,
    clock: createClock(),
    logger: createLogger({ service: 'test', level: 'silent' }),
    metrics: createMetrics('cdr'),
    bus,
  });
  t.after(() => cdr.stop());
  const headers = { authorization: `Basic ${Buffer.from('freeswitch:secret').toString('base64')}` };
  const postLarge = async () => {
    const body = 'x'.repeat(2 ** 20 + 1);
    const answer = await fetch(`http://127.0.0.1:${cdr.port}/cdr`, { method: 'POST', headers, body });
    await answer.text();
    return answer.status;
  };
  return { cdr, bus, postLarge };
}

test('whoever asks hears that the bus is away, and not where it is', async (t) => {
  const cause = new Error('connect ECONNREFUSED 10.20.30.40:9092');
  const { cdr, postLarge } = serviceOver(t, () =>
    Promise.reject(new CodedError('bus-unavailable', 'Kafka did not answer', { cause })),
  );
  await cdr.start();
  assert.deepEqual(cdr.health(), {
    ready: false,
    reasons: ['the bus takes no CDRs: Kafka did not answer'],
  });
  assert.equal(await postLarge(), 503, 'what is large is not read');
});

test('what is large is taken before it is known whether the bus is there', async (t) => {
  const answered = Promise.withResolvers<void>();
  const { cdr, bus, postLarge } = serviceOver(t, () => answered.promise);
  const starting = cdr.start();
  await until('it listens', () => cdr.port !== 0);
  assert.equal(cdr.health().ready, false);
  assert.equal(await postLarge(), 200);
  assert.equal(bus.published.length, 1);
  answered.resolve();
  await starting;
  assert.equal(cdr.health().ready, true);
});

test('the topics that hold no CDRs may be away, that of rejects, too: they alone get a 503 then', async (t) => {
  const { cdr, postLarge } = serviceOver(t, async (topics) => {
    if (!topics || topics.some((topic) => topic !== TOPICS.cdrs))
      throw new CodedError('bus-unavailable', 'Kafka has no such topic');
  });
  await cdr.start();
  assert.deepEqual(cdr.health(), { ready: true, reasons: [] });
  assert.equal(await postLarge(), 200);
});
