import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BATCH_BYTES, RECORD_BYTES, WAITING_BYTES } from '../../../../libs/bus/kafka/limits.ts';
import { createKafkaMetrics } from '../../../../libs/bus/kafka/metrics.ts';
import type { OutgoingRecord } from '../../../../libs/bus/kafka/outbox.ts';
import type { Sender } from '../../../../libs/bus/kafka/producer.ts';
import { createPublisher } from '../../../../libs/bus/kafka/publisher.ts';
import { TOPICS } from '../../../../libs/records/topics.ts';
import { createLogger } from '../../../../libs/telemetry/logger.ts';
import { createMetrics } from '../../../../libs/telemetry/metrics.ts';
import { until } from '../../../support/until.ts';

const TOPIC = TOPICS.cdrs;

/** A publisher over senders that do what `send` does, and the keys of what they were sent. */
function publisherOver(send: Sender['send'], timeoutMs = 2_000) {
  const requests: string[][] = [];
  const sender: Sender = {
    send: (records) => {
      requests.push(records.map(({ key }) => key));
      return send(records);
    },
    open: async () => undefined,
    close: async () => undefined,
  };
  const metrics = createKafkaMetrics(createMetrics('test'));
  const logger = createLogger({ service: 'test', level: 'silent' });
  return { requests, publisher: createPublisher({ openSender: () => sender, metrics, logger, timeoutMs }) };
}

function record(key: string, size = 1) {
  return { key, value: 'x'.repeat(size) };
}

const protocolError = (type: string) => Object.assign(new Error(type), { type });

test('publishers at the same time share a request', async () => {
  const { publisher, requests } = publisherOver(async () => undefined);
  await Promise.all(['a', 'b', 'c'].map((key) => publisher.publish(TOPIC, [record(key)])));
  assert.deepEqual(requests, [['a', 'b', 'c']]);
});

test('after a shared request the next one waits for company, but not when none comes', async () => {
  const { publisher, requests } = publisherOver(async () => undefined);
  const publishAll = (keys: readonly string[]) =>
    Promise.all(keys.map((key) => publisher.publish(TOPIC, [record(key)])));
  await publishAll(['a', 'b', 'c']);
  await publisher.publish(TOPIC, [record('d')]);
  await publishAll(['e', 'f']);
  assert.deepEqual(requests, [['a', 'b', 'c'], ['d'], ['e', 'f']]);
});

test('a third of those who publish side by side goes without the others', async () => {
  const { publisher, requests } = publisherOver(async () => undefined);
  const publishAll = (keys: string) => [...keys].map((key) => publisher.publish(TOPIC, [record(key)]));
  await Promise.all(publishAll('abcdef'));
  const third = publishAll('ghi');
  // turns, not time: nobody's lull is waited for
  for (let turn = 0; turn < 5; turn += 1) await new Promise(setImmediate);
  assert.deepEqual(requests, [[...'abcdef'], [...'ghi']]);
  await Promise.all(third);
});

test('everybody goes together where requests take long', async () => {
  const { publisher, requests } = publisherOver(() => new Promise((resolve) => setTimeout(resolve, 30)));
  const publishAll = (keys: string) => [...keys].map((key) => publisher.publish(TOPIC, [record(key)]));
  const first = publishAll('abcdef');
  await until('the first request is under way', () => requests.length === 1);
  const others = publishAll('ghijkl');
  const arrive = publisher.announce(TOPIC);
  await Promise.all(first);
  for (let turn = 0; turn < 5; turn += 1) await new Promise(setImmediate);
  const last = publishAll('m');
  arrive();
  await Promise.all([...others, ...last]);
  assert.deepEqual(requests, [[...'abcdef'], [...'ghijklm']]);
});

test('a request waits for a record that was announced, and not for one that does not come', async () => {
  const { publisher, requests } = publisherOver(() => new Promise((resolve) => setTimeout(resolve, 30)));
  const first = publisher.publish(TOPIC, [record('a')]);
  await until('the first request is under way', () => requests.length === 1);
  const second = publisher.publish(TOPIC, [record('b')]);
  const [arrive, never] = [publisher.announce(TOPIC), publisher.announce(TOPIC)];
  await first;
  const third = publisher.publish(TOPIC, [record('c')]);
  arrive();
  arrive();
  await Promise.all([second, third]);
  assert.deepEqual(requests, [['a'], ['b', 'c']]);
  never();
});

test('company that never ends is not waited for', async () => {
  const { publisher, requests } = publisherOver(async () => undefined);
  const published = ['a', 'b'].map((key) => publisher.publish(TOPIC, [record(key)]));
  for (let count = 0; requests.length < 3; count += 1) {
    assert.ok(count < 2_000, 'what waits is sent while more comes');
    published.push(publisher.publish(TOPIC, [record(String(count))]));
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  await Promise.all(published);
});

test('one request is under way at a time; what comes meanwhile is the next', async () => {
  const first = Promise.withResolvers<void>();
  const { publisher, requests } = publisherOver(() => first.promise);
  const a = publisher.publish(TOPIC, [record('a', BATCH_BYTES)]);
  const b = publisher.publish(TOPIC, [record('b')]);
  const c = publisher.publish(TOPIC, [record('c')]);
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.deepEqual(requests, [['a']]);
  first.resolve();
  await Promise.all([a, b, c]);
  assert.deepEqual(requests, [['a'], ['b', 'c']]);
});

test('a request that fails is sent again before what came after it', async () => {
  let failures = 2;
  const { publisher, requests } = publisherOver(async () => {
    if (failures-- > 0) throw new Error('away');
  });
  const a = publisher.publish(TOPIC, [record('a', BATCH_BYTES)]);
  const b = publisher.publish(TOPIC, [record('b')]);
  await Promise.all([a, b]);
  assert.deepEqual(requests, [['a'], ['a'], ['a'], ['b']]);
});

test('a publish gives up after its time limit though the request hangs', async () => {
  const hanging = Promise.withResolvers<void>();
  const { publisher } = publisherOver(() => hanging.promise, 50);
  await assert.rejects(publisher.publish(TOPIC, [record('a')]), { code: 'bus-unavailable' });
  await assert.rejects(publisher.publish(TOPIC, [record('b')]), { code: 'bus-unavailable' });
  hanging.resolve();
  await publisher.close();
});

test('what waits is bounded: more is refused at once', async () => {
  const hanging = Promise.withResolvers<void>();
  const { publisher } = publisherOver(() => hanging.promise);
  const size = RECORD_BYTES - 100;
  const waiting = Array.from({ length: Math.ceil(WAITING_BYTES / size) + 1 }, (_, i) =>
    publisher.publish(TOPIC, [record(String(i), size)]),
  );
  const outcomes = Promise.allSettled(waiting);
  await assert.rejects(publisher.publish(TOPIC, [record('more', size)]), { code: 'bus-overloaded' });
  hanging.resolve();
  const codes = (await outcomes).map((outcome) =>
    outcome.status === 'rejected' ? outcome.reason.code : 'ok',
  );
  assert.deepEqual([...new Set(codes)].toSorted(), ['bus-overloaded', 'ok']);
});

test('a topic that takes less than ours refuses the large record alone', async () => {
  const { publisher } = publisherOver(async (records: readonly OutgoingRecord[]) => {
    if (records.some(({ key }) => key === 'large')) throw protocolError('MESSAGE_TOO_LARGE');
  });
  const small = ['a', 'b'].map((key) => publisher.publish(TOPIC, [record(key)]));
  const large = publisher.publish(TOPIC, [record('large', 1_000)]);
  await assert.rejects(large, { code: 'record-too-large' });
  await Promise.all(small);
});

test('a topic that Kafka refuses holds up no other, and says so in its own time', async () => {
  const { publisher } = publisherOver(async (records: readonly OutgoingRecord[]) => {
    if (records.some(({ topic }) => topic === TOPICS.cdrRejects)) {
      throw protocolError('TOPIC_AUTHORIZATION_FAILED');
    }
  }, 500);
  const refused = publisher.publish(TOPICS.cdrRejects, [record('refused')]);
  const isRefused = assert.rejects(refused, { code: 'bus-unavailable' });
  let durable = 0;
  const others = (async () => {
    for (; durable < 20; durable += 1) await publisher.publish(TOPIC, [record(String(durable))]);
  })();
  await Promise.race([others, isRefused]);
  assert.equal(durable, 20);
  await isRefused;
});

test('all topics share one bound', async () => {
  const hanging = Promise.withResolvers<void>();
  const { publisher } = publisherOver(() => hanging.promise);
  const size = RECORD_BYTES - 100;
  // of each topic one is under way, which waits no more
  const count = Math.ceil(WAITING_BYTES / size) + 2;
  const topics = Array.from({ length: count }, (_, i) => (i % 2 === 0 ? TOPIC : TOPICS.cdrRejects));
  const outcomes = Promise.allSettled(
    topics.map((topic, i) => publisher.publish(topic, [record(String(i), size)])),
  );
  await assert.rejects(publisher.publish(TOPICS.live, [record('more', size)]), { code: 'bus-overloaded' });
  hanging.resolve();
  assert.ok((await outcomes).some(({ status }) => status === 'fulfilled'));
});

test('a closed publisher refuses, after it has sent what waited', async () => {
  const { publisher, requests } = publisherOver(async () => undefined);
  const pending = publisher.publish(TOPIC, [record('a')]);
  await publisher.close();
  await pending;
  assert.deepEqual(requests, [['a']]);
  await assert.rejects(publisher.publish(TOPIC, [record('b')]), { code: 'bus-unavailable' });
});

test('a topic that Kafka refuses cannot fill the bound for the others', async () => {
  const refusing = Promise.withResolvers<void>();
  const { publisher, requests } = publisherOver((records) =>
    records.some(({ topic }) => topic === TOPICS.cdrRejects) ? refusing.promise : Promise.resolve(),
  );
  const size = 500_000;
  const reject = (key: string) => publisher.publish(TOPICS.cdrRejects, [record(key, size)]);
  const first = reject('first');
  await until('a reject is under way', () => requests.length === 1);
  const outcomes = Promise.allSettled(
    Array.from({ length: Math.ceil(WAITING_BYTES / size) }, (_, i) => reject(String(i))),
  );
  await assert.rejects(reject('more'), { code: 'bus-overloaded' });
  await Promise.all([...'abcdef'].map((key) => publisher.publish(TOPIC, [record(key, size)])));
  refusing.resolve();
  await Promise.all([first, outcomes]);
});

test('who asks after all topics hears whether those that are published to can be connected for', async () => {
  const away = new Error('no producer id');
  const sender: Sender = {
    open: () => Promise.reject(away),
    send: async () => undefined,
    close: async () => undefined,
  };
  const metrics = createKafkaMetrics(createMetrics('test'));
  const logger = createLogger({ service: 'test', level: 'silent' });
  const publisher = createPublisher({ openSender: () => sender, metrics, logger, timeoutMs: 500 });
  await publisher.open();
  await publisher.publish(TOPIC, [record('a')]);
  await assert.rejects(publisher.open(), away);
});
