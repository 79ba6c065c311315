import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Partitioners } from 'kafkajs';
import { createPartitioner } from '../../../../libs/bus/kafka/partitioner.ts';
import fc from '../../../support/properties.ts';

test("a key goes to the partition that Kafka's own partitioner gives it", () => {
  const [ours, theirs] = [createPartitioner(), Partitioners.DefaultPartitioner()];
  const keys = fc.oneof(fc.string({ unit: 'binary' }), fc.uuid());
  fc.assert(
    fc.property(keys, fc.integer({ min: 1, max: 100 }), (key, partitions) => {
      const partitionMetadata = Array.from({ length: partitions }, (_, partitionId) => ({
        partitionId,
        partitionErrorCode: 0,
        leader: 1,
        replicas: [1],
        isr: [1],
      }));
      const question = { topic: 'a', partitionMetadata, message: { key, value: null } };
      assert.equal(ours(question), theirs(question));
    }),
    { numRuns: 1_000 },
  );
});
