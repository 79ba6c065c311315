import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { type TestContext, test } from 'node:test';
import type { Bus } from '../../../libs/bus/bus.ts';
import { openBus } from '../../../libs/bus/open-bus.ts';
import { createClock } from '../../../libs/clock/clock.ts';
import { loadConfig } from '../../../libs/config/config.ts';
import { codeOf } from '../../../libs/errors/coded-error.ts';
import { keptVariables } from '../../../libs/freeswitch/cdr/kept-variables.ts';
import { parseCdr } from '../../../libs/freeswitch/cdr/parse-cdr.ts';
import type { CdrRecord } from '../../../libs/records/cdr-record.ts';
import type { CdrReject } from '../../../libs/records/cdr-reject.ts';
import { TOPICS } from '../../../libs/records/topics.ts';
import { createLogger } from '../../../libs/telemetry/logger.ts';
import { createMetrics } from '../../../libs/telemetry/metrics.ts';
import { createCdrInThread } from '../../../services/standalone/cdr-service.ts';
import { recordedPosts } from '../../support/recorded-cdrs.ts';
import { testDatabase } from '../../support/stack/test-database.ts';
import { until } from '../../support/until.ts';

const POSTS = 12;
const MOST_TRIES = 30;
/** More than the thread reads itself. */
const LONG = Buffer.concat([Buffer.from('<cdr>'), Buffer.alloc(300 * 1024, 'x'), Buffer.from('</cdr>')]);
const authorization = `Basic ${Buffer.from('freeswitch:secret').toString('base64')}`;

async function openStandaloneBus(t: TestContext) {
  const { connectionString } = await testDatabase(t);
  const config = loadConfig({
    DATABASE_URL: connectionString,
    FREESWITCH_PASSWORD: 'secret',
    CDR_PORT: '0',
    LOG_LEVEL: 'silent',
    CDR_VARIABLES: 'sip_h_X-*',
  });
  const logger = createLogger({ service: 'test', level: 'silent' });
  const bus = await openBus({ config, logger, metrics: createMetrics('bus'), clock: createClock() });
  t.after(() => bus.close());
  return { config, bus };
}

/** What was answered, and after how many tries. */
type Answer = { tries: number } & Record<string, unknown>;

/** A post that is repeated while it is told to come again, as FreeSWITCH does: a busy disk may take more than a second. */
async function post(port: number | undefined, path: string, body: Buffer): Promise<Answer> {
  const headers = { authorization };
  for (let tries = 1; ; tries++) {
    const answer = await fetch(`http://127.0.0.1:${port}${path}`, { method: 'POST', body, headers });
    if (answer.status !== 503 || tries === MOST_TRIES)
      return { status: answer.status, tries, ...((await answer.json()) as object) };
  }
}

/** All that readers of this thread were given, by topic. */
async function readAll(bus: Bus) {
  const read = { cdrs: [] as CdrRecord[], rejects: [] as CdrReject[] };
  const subscription = await bus.subscribe({
    topics: [TOPICS.cdrs, TOPICS.cdrRejects],
    group: 'test',
    onBatch: async (batch) => {
      for (const { topic, value } of batch) {
        if (topic === TOPICS.cdrs) read.cdrs.push(value as CdrRecord);
        else read.rejects.push(value as CdrReject);
      }
    },
  });
  return { read, subscription };
}

async function postAndRead(t: TestContext, given: Awaited<ReturnType<typeof openStandaloneBus>>, bus: Bus) {
  const service = createCdrInThread({ config: given.config, bus });
  assert.equal(service.health().ready, false);
  const { read, subscription } = await readAll(given.bus);
  t.after(() => subscription.stop());
  await service.start();
  assert.deepEqual(service.health(), { ready: true, reasons: [] });
  const posts = recordedPosts().slice(0, POSTS);
  const long = post(service.port, '/cdr?uuid=a_long', LONG);
  const answers = await Promise.all(posts.map(({ url, body }) => post(service.port, url, body)));
  const { tries: longTries, ...longAnswer } = await long;
  assert.deepEqual(longAnswer, { status: 200, durable: true, uuid: 'long', reject: 'cdr-no-start' });
  const parsed = posts.map(({ body }) =>
    parseCdr(body, { receivedUs: 0, keepVariable: keptVariables(['sip_h_X-*']) }),
  );
  const expected = parsed.map((one) => ('ok' in one ? one.ok : assert.fail()));
  assert.deepEqual(
    answers.map(({ tries: _, ...answer }) => answer),
    expected.map(({ cdr }) => ({ status: 200, durable: true, uuid: cdr.uuid, reject: null })),
  );
  // One that was told to come again may have become durable nevertheless.
  const tries = answers.reduce((sum, one) => sum + one.tries, longTries);
  const isComplete = () => distinct(read.cdrs).length >= POSTS && read.rejects.length >= 1;
  await until('the readers have all', isComplete);
  if (tries === POSTS + 1) assert.deepEqual([read.cdrs.length, read.rejects.length], [POSTS, 1]);
  assert.deepEqual(distinct(read.cdrs), distinct(expected));
  const [{ uuid, body_base64 } = assert.fail()] = read.rejects;
  assert.deepEqual({ uuid, body: Buffer.from(body_base64, 'base64') }, { uuid: 'long', body: LONG });
  const stopping = service.stop();
  assert.deepEqual(service.health(), { ready: false, reasons: ['stopping'] });
  await stopping;
  await assert.rejects(post(service.port, '/cdr', LONG));
  return tries;
}

/** The records without repetitions and without their time of receipt, in one order. */
function distinct(records: readonly CdrRecord[]): unknown[] {
  const texts = new Set(records.map((record) => JSON.stringify({ ...record, received_us: 0 })));
  return [...texts].toSorted().map((text) => JSON.parse(text) as unknown);
}

test('what the thread takes in reaches the readers of this one, once for each time that it was taken in', async (t) => {
  const given = await openStandaloneBus(t);
  let handedOver = 0;
  const bus: Bus = {
    ...given.bus,
    takeOver: (published) => {
      handedOver += published.records.length;
      given.bus.takeOver?.(published);
    },
  };
  const tries = await postAndRead(t, given, bus);
  assert.ok(handedOver >= POSTS + 1 && handedOver <= tries, `${handedOver} of ${tries}`);
});

test('readers find by themselves what the thread published without their hearing of it', async (t) => {
  const given = await openStandaloneBus(t);
  const { takeOver: _, ...deaf } = given.bus;
  await postAndRead(t, given, deaf);
});

test('a port that another program has is told by its code, and nothing of the thread is left', async (t) => {
  const { config, bus } = await openStandaloneBus(t);
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  t.after(() => other.close());
  const address = other.address();
  const CDR_PORT = typeof address === 'object' && address !== null ? address.port : assert.fail();
  const service = createCdrInThread({ config: { ...config, CDR_PORT }, bus });
  await assert.rejects(service.start(), (error) => codeOf(error) === 'port-in-use');
  await service.stop();
});

test('a thread that is stuck is told by health, and ends the process when it does not come back', async () => {
  const config = loadConfig({});
  const deaths: Error[] = [];
  const service = createCdrInThread({
    config,
    bus: { takeOver: () => undefined } as unknown as Bus,
    onDeath: (error) => deaths.push(error),
    entry: new URL('./stuck-thread.ts', import.meta.url),
    silentMs: 20,
  });
  await service.start();
  assert.equal(service.port, 1);
  await until('it is found stuck for good', () => deaths.length > 0);
  assert.deepEqual(service.health(), { ready: false, reasons: ['its thread does not answer'] });
  assert.deepEqual(deaths.map(codeOf), ['cdr-thread-stuck']);
  await assert.rejects(service.stop(), (error) => codeOf(error) === 'cdr-thread-stuck');
});
