import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CodedError } from '../../../libs/errors/coded-error.ts';
import { TOPICS } from '../../../libs/records/topics.ts';
import { createLogger } from '../../../libs/telemetry/logger.ts';
import { Outbox, type OutboxLimits, type OutboxState } from '../../../services/collector/outbox.ts';
import { recordingBus } from '../../support/recording-bus.ts';
import { until } from '../../support/until.ts';

const logger = createLogger({ service: 'test', level: 'silent' });
const topic = TOPICS.channelEvents;

function outboxOn(bus = recordingBus(), limits: Partial<OutboxLimits> = {}) {
  const states: OutboxState[] = [];
  const outbox = new Outbox({ bus, logger, limits, onState: (state) => states.push(state) });
  return { bus, outbox, states };
}

const record = (value: number) => ({ key: 'k', value });

test('records are published in order, in batches of the limit', async () => {
  const sizes: number[] = [];
  const bus = recordingBus();
  const { publish } = bus;
  bus.publish = async (to, records) => {
    sizes.push(records.length);
    await publish(to, records);
  };
  const { outbox } = outboxOn(bus, { batch: 40 });
  for (let i = 0; i < 100; i += 1) assert.equal(outbox.add(topic, record(i), true), true);
  assert.equal(await outbox.drain(5_000), 0);
  assert.deepEqual(sizes, [40, 40, 20]);
  assert.deepEqual(
    bus.values(topic),
    Array.from({ length: 100 }, (_, i) => i),
  );
});

test('what the bus did not take is published once it does, in order and once', async () => {
  const { bus, outbox } = outboxOn();
  bus.isAway = true;
  for (let i = 0; i < 10; i += 1) outbox.add(topic, record(i), true);
  await new Promise((resolve) => setTimeout(resolve, 50));
  for (let i = 10; i < 20; i += 1) outbox.add(topic, record(i), true);
  assert.equal(outbox.waiting, 20);
  bus.isAway = false;
  await until('published', () => outbox.waiting === 0);
  assert.deepEqual(
    bus.values(topic),
    Array.from({ length: 20 }, (_, i) => i),
  );
});

test('full: held, then dropping but for what must not be lost, then open again', async () => {
  const { bus, outbox, states } = outboxOn(recordingBus(), { records: 10, holdMs: 30 });
  bus.isAway = true;
  for (let i = 0; i < 10; i += 1) assert.equal(outbox.add(topic, record(i), true), true);
  assert.deepEqual(states, ['held']);
  assert.equal(outbox.add(topic, record(10), true), true, 'held: what was on its way is still taken');
  await until('dropping', () => outbox.state === 'dropping');
  assert.equal(outbox.add(topic, record(11), true), false, 'a droppable record is dropped');
  assert.equal(outbox.add(topic, record(12), false), true, 'a hangup is not');
  bus.isAway = false;
  await until('open', () => outbox.state === 'open');
  await outbox.drain(1_000);
  assert.deepEqual(states, ['held', 'dropping', 'open']);
  assert.deepEqual(bus.values(topic), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12]);
});

test('large records fill it before there are many of them', async () => {
  const { bus, outbox, states } = outboxOn(recordingBus(), { bytes: 10_000 });
  bus.isAway = true;
  const large = (number: number) => ({ key: 'k', value: { number, text: 'x'.repeat(2_500) } });
  for (let i = 0; i < 3; i += 1) outbox.add(topic, large(i), true);
  assert.deepEqual(states, []);
  outbox.add(topic, large(3), true);
  assert.deepEqual(states, ['held']);
  assert.ok(outbox.bytes >= 10_000 && outbox.bytes < 11_000, String(outbox.bytes));
  bus.isAway = false;
  await until('published', () => outbox.waiting === 0);
  assert.deepEqual(states, ['held', 'open']);
  assert.equal(outbox.bytes, 0);
});

test('what must not be lost has a bound too: then TCP holds the servers back for good', async () => {
  const { bus, outbox, states } = outboxOn(recordingBus(), { records: 10, holdMs: 10 });
  bus.isAway = true;
  for (let i = 0; i < 10; i += 1) outbox.add(topic, record(i), true);
  await until('dropping', () => outbox.state === 'dropping');
  for (let i = 10; i < 20; i += 1) outbox.add(topic, record(i), false);
  assert.deepEqual(states, ['held', 'dropping', 'held']);
  await new Promise((resolve) => setTimeout(resolve, 50));
  assert.equal(outbox.state, 'held', 'and it stays so while nothing is published');
  assert.equal(
    outbox.add(topic, record(20), true),
    false,
    'who connects meanwhile may tell a lot: it is dropped',
  );
  assert.equal(outbox.waiting, 20);
  bus.isAway = false;
  await until('open', () => outbox.state === 'open');
});

test('a record that no bus takes is given up, and what follows is published', async () => {
  const bus = recordingBus();
  const { publish } = bus;
  bus.publish = async (to, records) => {
    if (records.some(({ value }) => value === 1)) throw new CodedError('record-too-large', 'too large');
    await publish(to, records);
  };
  const { outbox } = outboxOn(bus, { batch: 1 });
  for (const value of [0, 1, 2]) outbox.add(topic, record(value), true);
  assert.equal(await outbox.drain(5_000), 0);
  assert.deepEqual(bus.values(topic), [0, 2]);
});

test('who asks is told when what was added before is durable, and waits for nothing else', async () => {
  const { bus, outbox } = outboxOn(recordingBus(), { batch: 2 });
  await outbox.durable(topic);
  bus.isAway = true;
  for (let i = 0; i < 3; i += 1) outbox.add(topic, record(i), false);
  let isDurable = false;
  const told = outbox.durable(topic).then(() => {
    isDurable = true;
  });
  outbox.add(topic, record(3), false);
  await outbox.durable(TOPICS.nodeEvents);
  await new Promise((resolve) => setTimeout(resolve, 50));
  assert.equal(isDurable, false);
  bus.isAway = false;
  await told;
  assert.deepEqual(bus.values<number>(topic).slice(0, 3), [0, 1, 2]);
});

test('drain gives up at its limit and says how much is lost', async () => {
  const { bus, outbox } = outboxOn();
  bus.isAway = true;
  outbox.add(topic, record(1), true);
  outbox.add(topic, record(2), true);
  assert.equal(await outbox.drain(50), 2);
});

test('it says how long the oldest record has waited, also while it is being published', async () => {
  const { bus, outbox } = outboxOn();
  assert.equal(outbox.lagSeconds, 0);
  bus.isAway = true;
  outbox.add(topic, record(1), true);
  await until('older than 50 ms', () => outbox.lagSeconds > 0.05);
  outbox.add(TOPICS.nodeEvents, record(2), false);
  assert.ok(outbox.lagSeconds > 0.05, 'a younger record on another topic changes nothing');
  bus.isAway = false;
  await until('published', () => outbox.waiting === 0);
  assert.equal(outbox.lagSeconds, 0);
});

test('tens of thousands that wait come out as they went in, in order', async () => {
  const { bus, outbox } = outboxOn(recordingBus(), { records: 20_000 });
  bus.isAway = true;
  const values = Array.from({ length: 12_000 }, (_, i) => ({
    i,
    text: `é\u{1f600}"\\ ${i}`,
    list: ['a'],
    none: null,
  }));
  for (const value of values) assert.equal(outbox.add(topic, { key: 'k', value }, true), true);
  bus.isAway = false;
  await until('published', () => outbox.waiting === 0);
  assert.deepEqual(bus.values(topic), values);
});
