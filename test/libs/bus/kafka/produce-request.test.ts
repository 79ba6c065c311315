import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { crc32c } from '../../../../libs/bus/kafka/crc32c.ts';
import { encodeProduce, type ProduceOrder } from '../../../../libs/bus/kafka/produce-request.ts';
import fc from '../../../support/properties.ts';

const require = createRequire(import.meta.url);
const theirs: (order: object) => {
  encode(): Promise<{ buffer: Buffer }>;
} = require('kafkajs/src/protocol/requests/produce/v3/request');
const theirCrc: (bytes: Buffer) => number = require('kafkajs/src/protocol/recordBatch/crc32C');
const NOW = 1_790_000_000_123;

/** kafkajs' own encoding; the same time for all messages is what makes it take ours. */
async function asKafkajs(order: ProduceOrder): Promise<Buffer> {
  const topicData = order.topicData.map(({ topic, partitions }) => ({
    topic,
    partitions: partitions.map((entry) => ({
      ...entry,
      messages: entry.messages.map((message) => ({ ...message, timestamp: NOW })),
    })),
  }));
  return (await theirs({ ...order, topicData }).encode()).buffer;
}

const bytes = fc
  .oneof(
    { weight: 4, arbitrary: fc.uint8Array({ maxLength: 300 }) },
    fc.uint8Array({ minLength: 8_190, maxLength: 8_200 }),
  )
  .map((array) => Buffer.from(array));
const message = fc.record({
  key: fc.oneof(fc.string({ unit: 'binary', maxLength: 80 }), fc.constant(null)),
  value: fc.oneof(bytes, fc.constant(null)),
});
const order: fc.Arbitrary<ProduceOrder> = fc.record({
  acks: fc.constant(-1),
  timeout: fc.integer({ min: 0, max: 0x7fffffff }),
  producerId: fc.bigInt({ min: -1n, max: 2n ** 62n }),
  producerEpoch: fc.integer({ min: 0, max: 0x7fff }),
  topicData: fc.array(
    fc.record({
      topic: fc.string({ minLength: 1, maxLength: 30 }),
      partitions: fc.array(
        fc.record({
          partition: fc.integer({ min: 0, max: 400 }),
          firstSequence: fc.nat({ max: 0x7fffffff }),
          messages: fc.array(message, { minLength: 1, maxLength: 130 }),
        }),
        { maxLength: 3 },
      ),
    }),
    { maxLength: 2 },
  ),
});

test('produce requests are byte for byte those of kafkajs', async () => {
  await fc.assert(
    fc.asyncProperty(order, async (made) => {
      const ours = await encodeProduce(made, NOW);
      assert.ok(ours.equals(await asKafkajs(made)));
    }),
    { numRuns: 150 },
  );
});

test('a compressed batch holds the records of a plain one, and its sum is of what is sent', async () => {
  const messages = Array.from({ length: 40 }, (_, number) => ({
    key: `leg ${number}`,
    value: Buffer.from(`{"number":${number}}`),
  }));
  const of = (compression: number) =>
    encodeProduce(
      {
        acks: -1,
        timeout: 1,
        compression,
        topicData: [{ topic: 't', partitions: [{ partition: 3, messages }] }],
      },
      NOW,
    );
  const [plain, packed] = await Promise.all([of(0), of(1)]);
  // request head 12, topic 3, two numbers 8, size 4; then 61 of the batch before its records
  const batchAt = 12 + 3 + 4 + 4 + 4;
  const recordsAt = batchAt + 61;
  assert.deepEqual(gunzipSync(packed.subarray(recordsAt)), plain.subarray(recordsAt));
  assert.equal(packed.readInt16BE(batchAt + 21), 1, 'attributes say gzip');
  assert.equal(packed.readUInt32BE(batchAt + 17), theirCrc(packed.subarray(batchAt + 21)));
  assert.equal(packed.readInt32BE(batchAt + 8), packed.length - batchAt - 12);
});

test('CRC-32C is that of RFC 3720 and of kafkajs, whatever the length', () => {
  assert.equal(crc32c(Buffer.from('123456789')), 0xe3069283);
  assert.equal(crc32c(Buffer.alloc(32)), 0x8a9136aa);
  assert.equal(crc32c(Buffer.alloc(32, 0xff)), 0x62a8ab43);
  for (let length = 0; length < 40; length += 1) {
    const some = Buffer.from(Array.from({ length }, (_, at) => (at * 151 + length) & 0xff));
    assert.equal(crc32c(some), theirCrc(some));
  }
});
