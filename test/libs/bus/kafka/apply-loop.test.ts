import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { EachBatchPayload } from 'kafkajs';
import type { BatchHandler } from '../../../../libs/bus/bus.ts';
import { createApplyLoop } from '../../../../libs/bus/kafka/apply-loop.ts';
import { createDelivery } from '../../../../libs/bus/kafka/delivery.ts';
import { createKafkaMetrics } from '../../../../libs/bus/kafka/metrics.ts';
import { createNames } from '../../../../libs/bus/kafka/topic-names.ts';
import { TOPICS } from '../../../../libs/records/topics.ts';
import { createLogger } from '../../../../libs/telemetry/logger.ts';
import { createMetrics } from '../../../../libs/telemetry/metrics.ts';

/** A loop under test: what it committed, and the coordinator's answers to it. */
function setUp(onBatch: BatchHandler) {
  const state = { generation: 1, commits: [] as string[], heartbeat: async (): Promise<void> => undefined };
  const metrics = createKafkaMetrics(createMetrics('test'));
  const logger = createLogger({ service: 'test', level: 'silent' });
  const loop = createApplyLoop({
    group: 'test',
    onBatch,
    maxRecords: 100,
    maxBytes: 768 * 1024,
    heartbeatMs: 5,
    deliver: createDelivery(createNames(undefined), metrics, logger),
    metrics,
    logger,
    generation: () => state.generation,
    onCommitted: () => undefined,
  });
  const offer = (partition: number, values: string[]) =>
    loop.offer(payload({ partition, values, ...callbacks(state) }));
  return { state, loop, offer };
}

function callbacks(state: { commits: string[]; heartbeat: () => Promise<void> }) {
  return {
    heartbeat: () => state.heartbeat(),
    commitOffsetsIfNecessary: async (
      offsets?: Parameters<EachBatchPayload['commitOffsetsIfNecessary']>[0],
    ) => {
      const all = offsets?.topics.flatMap(({ partitions }) => partitions) ?? [];
      state.commits.push(...all.map(({ partition, offset }) => `${partition}@${offset}`));
    },
  };
}

function payload(options: {
  partition: number;
  values: string[];
  heartbeat: EachBatchPayload['heartbeat'];
  commitOffsetsIfNecessary: EachBatchPayload['commitOffsetsIfNecessary'];
}): EachBatchPayload {
  const { values, partition, ...callbacks } = options;
  const messages = values.map((value, offset) => ({
    key: Buffer.from('key'),
    value: Buffer.from(value),
    offset: String(offset),
    timestamp: '1000',
    attributes: 0,
    headers: {},
  }));
  const batch = { topic: TOPICS.calls, partition, messages, lastOffset: () => String(values.length - 1) };
  return {
    ...callbacks,
    batch,
    isStale: () => false,
    resolveOffset: () => undefined,
  } as unknown as EachBatchPayload;
}

const protocolError = (type: string) => Object.assign(new Error(type), { type });

test('small portions of several partitions become one batch and one commit', async () => {
  const batches: unknown[][] = [];
  const { state, offer } = setUp(async (batch) => void batches.push(batch.map(({ value }) => value)));
  await Promise.all([offer(0, ['1', '2']), offer(1, ['3'])]);
  assert.deepEqual(batches, [[1, 2, 3]]);
  assert.deepEqual(state.commits, ['0@2', '1@1']);
});

test('what is not JSON is passed over and committed', async () => {
  const seen: unknown[] = [];
  const { state, offer } = setUp(async (batch) => void seen.push(...batch.map(({ value }) => value)));
  await offer(0, ['1', 'no json', '2']);
  await offer(1, ['no json']);
  assert.deepEqual(seen, [1, 2]);
  assert.deepEqual(state.commits, ['0@3', '1@1']);
});

test('a rebalance waits for the batch in hand, which is committed; the rest goes back', async () => {
  const held = Promise.withResolvers<void>();
  const { state, offer } = setUp(() => held.promise);
  const beaten = Promise.withResolvers<void>();
  state.heartbeat = async () => {
    beaten.resolve();
    throw protocolError('REBALANCE_IN_PROGRESS');
  };
  const first = offer(0, ['1']);
  await beaten.promise;
  const second = offer(1, ['2']);
  held.resolve();
  await first;
  await assert.rejects(second, { type: 'REBALANCE_IN_PROGRESS' });
  assert.deepEqual(state.commits, ['0@1']);
});

test('a batch of an earlier membership is not committed, whatever the coordinator would say', async () => {
  const held = Promise.withResolvers<void>();
  const { state, offer } = setUp(() => held.promise);
  const late = offer(0, ['1']);
  await new Promise(setImmediate);
  state.generation += 1;
  held.resolve();
  await assert.rejects(late);
  assert.deepEqual(state.commits, []);
});

test('a failing batch is not tried again once the membership is lost', async () => {
  let attempts = 0;
  const { state, offer } = setUp(async () => {
    attempts += 1;
    throw new Error('cannot apply');
  });
  state.heartbeat = async () => {
    throw protocolError('UNKNOWN_MEMBER_ID');
  };
  await assert.rejects(offer(0, ['1']), { type: 'UNKNOWN_MEMBER_ID' });
  assert.equal(attempts, 1);
  assert.deepEqual(state.commits, []);
});

test('a heartbeat that cannot be sent ends nothing', async () => {
  const beaten = Promise.withResolvers<void>();
  const { state, offer } = setUp(() => beaten.promise);
  state.heartbeat = async () => {
    beaten.resolve();
    throw new Error('connection closed');
  };
  await offer(0, ['1']);
  assert.deepEqual(state.commits, ['0@1']);
});

test('stopping interrupts the wait before the next attempt', async () => {
  const failed = Promise.withResolvers<void>();
  const { state, loop, offer } = setUp(async () => {
    failed.resolve();
    throw new Error('cannot apply');
  });
  const offered = offer(0, ['1']);
  await failed.promise;
  await loop.stop();
  await offered;
  assert.deepEqual(state.commits, []);
  assert.deepEqual(loop.portions(), []);
});
