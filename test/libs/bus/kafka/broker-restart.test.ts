import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { after, type TestContext, test } from 'node:test';
import { promisify } from 'node:util';
import type { Bus } from '../../../../libs/bus/bus.ts';
import { codeOf } from '../../../../libs/errors/coded-error.ts';
import { TOPICS } from '../../../../libs/records/topics.ts';
import { createAuthority } from '../../../support/certificates.ts';
import {
  type KafkaBroker,
  type SecuredBroker,
  startKafkaBroker,
} from '../../../support/stack/kafka-broker.ts';
import { createRecorder, publishKeys, until } from '../recorder.ts';
import { openTestBus } from '../test-bus.ts';

const TOPIC = TOPICS.channelEvents;
const TIMEOUT_MS = 2_000;
const run = promisify(execFile);
const authority = createAuthority({ after: (fn) => after(fn) });
const USER = { username: 'switchfleet', password: 'a-secret-of-kafka' };

/** A broker that may be stopped: only one of our own may, so these tests need Java here. */
async function ownBroker(): Promise<SecuredBroker | string> {
  return startKafkaBroker({ authority, ...USER }).catch((error: Error) => {
    if (process.env['CI'] === 'true') throw error;
    return error.message;
  });
}

const broker = await ownBroker();
const skip = typeof broker === 'string' ? broker : false;

test('a broker that is stopped, killed and started again', { skip, timeout: 180_000 }, async (t) => {
  if (typeof broker === 'string') return;
  t.after(() => broker.stop());
  await t.test('its first minute makes no noise', () => staysQuiet(broker));
  await t.test('over TLS with SCRAM it is let in; without either it is not', () => isGuarded(broker));
  await t.test('nothing hangs while it is away, all goes on when it is back', (t) => survives(t, broker));
  await t.test('killed under load, nothing that was durable is lost', (t) => losesNothing(t, broker));
});

async function staysQuiet({ address }: KafkaBroker): Promise<void> {
  const program = join(import.meta.dirname, 'quiet-process.ts');
  const { stdout, stderr } = await run(process.execPath, [program, address], {
    timeout: 60_000,
    env: { ...process.env, TEST_LOG_LEVEL: 'info' },
  });
  const lines = stdout.split('\n').filter((line) => !line.includes('"topics created"'));
  assert.deepEqual({ lines, stderr }, { lines: ['delivered', ''], stderr: '' });
}

async function isGuarded({ secureAddress }: SecuredBroker): Promise<void> {
  const own = authority.issue('cdr');
  const settings = {
    KAFKA_BROKERS: secureAddress,
    KAFKA_PARTITIONS: '3',
    BUS_TIMEOUT_MS: '5000',
    KAFKA_TLS: 'on',
    KAFKA_TLS_CA: authority.certificate,
    KAFKA_TLS_CERTIFICATE: own.certificate,
    KAFKA_TLS_PRIVATE_KEY: own.key,
    KAFKA_SASL_USERNAME: USER.username,
    KAFKA_SASL_PASSWORD: USER.password,
  };
  const bus = await openTestBus(settings);
  const recorder = createRecorder('tls-');
  await bus.subscribe({ topics: [TOPIC], group: 'tls', onBatch: recorder.onBatch });
  await publishKeys(bus, TOPIC, ['tls-1', 'tls-2']);
  await until(() => recorder.keys.length === 2, 'what was published over TLS is delivered');
  await bus.close();

  const { KAFKA_TLS_CA: _ca, ...withoutCa } = settings;
  for (const [why, refused] of Object.entries({
    'a wrong password': { ...settings, KAFKA_SASL_PASSWORD: 'guessed' },
    'an authority that we do not trust': withoutCa,
  })) {
    const error = await openTestBus({ ...refused, BUS_TIMEOUT_MS: '1500' }).then(
      async (opened) => {
        await opened.close();
        return undefined;
      },
      (failure: unknown) => failure,
    );
    assert.equal(codeOf(error), 'bus-unavailable', why);
  }
}

async function openBus(t: TestContext, { address }: KafkaBroker, timeoutMs: number): Promise<Bus> {
  const bus = await openTestBus({
    KAFKA_BROKERS: address,
    KAFKA_PARTITIONS: '3',
    BUS_TIMEOUT_MS: String(timeoutMs),
    BUS_SESSION_MS: '3000',
  });
  t.after(() => bus.close());
  return bus;
}

async function survives(t: TestContext, broker: KafkaBroker): Promise<void> {
  const bus = await openBus(t, broker, TIMEOUT_MS);
  const recorder = createRecorder('stop-');
  await bus.subscribe({ topics: [TOPIC], group: 'stop', onBatch: recorder.onBatch });
  const followed: string[] = [];
  await bus.follow({
    topics: [TOPICS.live],
    onRecords: (records) => followed.push(...records.map((r) => r.key)),
  });
  await publishKeys(bus, TOPIC, ['stop-before']);
  await publishKeys(bus, TOPICS.live, ['live-before']);
  await until(() => recorder.keys.length === 1 && followed.length === 1, 'the first record');

  await broker.halt();
  const began = performance.now();
  await assert.rejects(publishKeys(bus, TOPIC, ['stop-meanwhile']), { code: 'bus-unavailable' });
  assert.ok(performance.now() - began < TIMEOUT_MS + 5_000, 'within the time limit');
  await assert.rejects(bus.check(), { code: 'bus-unavailable' });
  await broker.resume();

  await until(
    () =>
      bus.check().then(
        () => true,
        () => false,
      ),
    'the bus answers again',
  );
  await until(
    () =>
      publishKeys(bus, TOPIC, ['stop-after']).then(
        () => true,
        () => false,
      ),
    'it publishes again',
  );
  await publishKeys(bus, TOPICS.live, ['live-after']);
  await until(() => recorder.keys.includes('stop-after'), 'the group goes on', 90_000);
  await until(() => followed.includes('live-after'), 'the follower goes on', 90_000);
}

async function losesNothing(t: TestContext, broker: KafkaBroker): Promise<void> {
  const bus = await openBus(t, broker, TIMEOUT_MS);
  const durable: string[] = [];
  const failures = new Set<string>();
  let isOver = false;
  const publishing = Array.from({ length: 20 }, async (_, publisher) => {
    for (let n = 0; !isOver; n += 1) {
      const key = `kill-${publisher}-${n}`;
      await publishKeys(bus, TOPIC, [key]).then(
        () => durable.push(key),
        (error) => failures.add(codeOf(error)),
      );
    }
  });
  await until(() => durable.length > 500, 'it publishes');
  await broker.halt('SIGKILL');
  await until(() => failures.size > 0, 'publishing fails');
  await broker.resume();
  const before = durable.length;
  await until(() => durable.length > before + 500, 'it publishes again', 60_000);
  isOver = true;
  await Promise.all(publishing);
  assert.deepEqual([...failures], ['bus-unavailable']);

  const recorder = createRecorder('kill-');
  await bus.subscribe({ topics: [TOPIC], group: 'kill', onBatch: recorder.onBatch });
  const isDelivered = () => {
    const delivered = new Set(recorder.keys);
    return durable.every((key) => delivered.has(key));
  };
  await until(isDelivered, 'all that was durable is delivered', 60_000);
}
