import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BATCH_BYTES, WAITING_BYTES, WAITING_RECORDS } from '../../../../libs/bus/kafka/limits.ts';
import { createOutbox, type Waiting } from '../../../../libs/bus/kafka/outbox.ts';
import { TOPICS } from '../../../../libs/records/topics.ts';
import { collectGarbage } from '../../../support/collect-garbage.ts';
import fc from '../../../support/properties.ts';

function waiting(bytes: number, isWanted = () => true): Waiting {
  return {
    topic: TOPICS.cdrs,
    key: 'k',
    value: Buffer.alloc(0),
    bytes,
    isWanted,
    settle: () => assert.fail('nothing settles here'),
  };
}

test('requests keep the order, stay under the cut, and an oversized record travels alone', () => {
  const sizes = fc.array(fc.integer({ min: 1, max: BATCH_BYTES * 2 }), { maxLength: 60 });
  fc.assert(
    fc.property(sizes, (bytes) => {
      const outbox = createOutbox();
      const records = bytes.map((size) => waiting(size));
      for (const record of records) outbox.put([record]);
      const requests: Waiting[][] = [];
      for (let next = outbox.take(); next.length > 0; next = outbox.take()) requests.push(next);
      assert.deepEqual(requests.flat(), records);
      for (const request of requests) {
        const size = request.reduce((sum, record) => sum + record.bytes, 0);
        assert.ok(request.length === 1 || size <= BATCH_BYTES);
      }
      assert.deepEqual({ records: outbox.records, bytes: outbox.bytes }, { records: 0, bytes: 0 });
    }),
  );
});

test('what nobody waits for any more is not sent, and frees its place', () => {
  const outbox = createOutbox();
  const kept = waiting(10);
  outbox.put([waiting(WAITING_BYTES - 10, () => false), kept, waiting(1, () => false)]);
  assert.deepEqual(outbox.take(), [kept]);
  assert.deepEqual({ records: outbox.records, bytes: outbox.bytes }, { records: 0, bytes: 0 });
});

test('a full outbox takes all of a call or none, and takes again when it has room', () => {
  const outbox = createOutbox();
  outbox.put([waiting(WAITING_BYTES - 5)]);
  assert.throws(() => outbox.put([waiting(1), waiting(5)]), { code: 'bus-overloaded' });
  assert.equal(outbox.records, 1);
  outbox.put([waiting(5)]);
  outbox.take();
  outbox.put([waiting(100)]);
});

test('the number of records is bounded, too', () => {
  const outbox = createOutbox();
  outbox.put(Array.from({ length: WAITING_RECORDS }, () => waiting(1)));
  assert.throws(() => outbox.put([waiting(1)]), { code: 'bus-overloaded' });
});

test('what was taken is not kept', async () => {
  const outbox = createOutbox();
  const taken = Array.from({ length: 10 }, () => {
    const record = waiting(1);
    outbox.put([record]);
    return new WeakRef(record);
  });
  outbox.take();
  await collectGarbage();
  assert.equal(taken.filter((record) => record.deref() !== undefined).length, 0);
});
