import assert from 'node:assert/strict';
import type { DeliveredRecord } from '../../../libs/bus/bus.ts';
import { TOPICS } from '../../../libs/records/topics.ts';
import { type Promises, subscribe, TOPIC } from './contract-bench.ts';
import { startMember } from './member.ts';
import { createRecorder, publishKeys, type Recorder, until } from './recorder.ts';

const MIB = 1024 * 1024;

/** What a bus promises about records: durable, complete, in order, whatever their size. */
export const RECORD_PROMISES: Promises = {
  'answers check() and says its kind': async ({ open }) => {
    const bus = await open();
    await bus.check();
    assert.match(bus.kind, /^(kafka|postgres)$/);
  },

  'is durable when publish resolves: the publisher dies at once, nothing is lost': async (bench) => {
    const keys = bench.keys(300);
    const publisher = await startMember(bench.environment);
    publisher.order({ do: 'publish-and-die', topic: TOPIC, keys });
    await publisher.gone;
    assert.ok(publisher.reports.some((report) => report.saw === 'durable'));
    const { recorder } = await subscribe(bench);
    await until(() => new Set(recorder.keys).size === keys.length, 'all that was durable is delivered');
  },

  'gives a new group what was published before it': async (bench) => {
    await publishKeys(await bench.open(), TOPIC, bench.keys(5));
    const { recorder } = await subscribe(bench);
    await until(() => recorder.keys.length >= 5, 'five records from before');
    const [first] = recorder.records;
    assert.deepEqual(first?.value, { key: first?.key });
    assert.equal(first?.topic, TOPIC);
    assert.match(first?.offset ?? '', /^\d+$/);
    assert.ok(Math.abs((first?.publishedUs ?? 0) / 1000 - Date.now()) < 300_000);
  },

  'keeps the order within a key under concurrent publishers': async (bench) => {
    const publishers = [await bench.open(), await bench.open()];
    const { recorder } = await subscribe(bench);
    const keys = bench.keys(20);
    await Promise.all(
      keys.map(async (key, i) => {
        const bus = publishers[i % 2] ?? assert.fail();
        for (let n = 0; n < 30; n += 3) {
          await bus.publish(
            TOPIC,
            [0, 1, 2].map((step) => ({ key, value: n + step })),
          );
        }
      }),
    );
    await until(() => recorder.records.length >= keys.length * 30, 'all records are delivered');
    for (const key of keys) {
      const seen = recorder.records.filter((record) => record.key === key).map((record) => record.value);
      assert.deepEqual(seen, [...Array(30).keys()], `order of ${key}`);
    }
  },

  'lets a record that is not JSON sink nothing but itself': async (bench) => {
    const bus = await bench.open();
    const { recorder } = await subscribe(bench);
    const [first = '', bad = '', last = ''] = bench.keys(3);
    const records = [first, bad, last].map((key) => ({ key, value: key === bad ? 1n : key }));
    await assert.rejects(bus.publish(TOPIC, records), { code: 'record-unwritable' });
    await until(() => recorder.records.length >= 2, 'the other two are delivered');
    assert.deepEqual(new Set(recorder.keys), new Set([first, last]));
  },

  'lets an oversized record neither block nor sink its batch': async (bench) => {
    const bus = await bench.open();
    const topic = TOPICS.cdrs;
    const recorder = createRecorder(bench.prefix);
    await bus.subscribe({ topics: [topic], group: bench.group, onBatch: recorder.onBatch });
    const key = `${bench.prefix}-key`;
    const small = (n: number) => ({ key, value: { n, body: 'x' } });
    const big = { key, value: { n: 2, body: 'y'.repeat(20 * MIB) } };
    const over = { key, value: { n: 3, body: 'z'.repeat(25 * MIB) } };
    await assert.rejects(bus.publish(topic, [small(1), big, over, small(4)]), { code: 'record-too-large' });
    await until(() => recorder.records.length >= 3, 'all but the oversized one are delivered', 60_000);
    const numbers = recorder.records.map(({ value }) => (value as { n: number }).n);
    assert.deepEqual(numbers, [1, 2, 4]);
    const withBig = recorder.batches.find((batch) => batch.some((record) => sizeOf(record) > MIB));
    assert.equal(withBig?.length, 1, 'an oversized record travels alone');
  },

  'cuts batches at 768 KiB, or at the size and the count that were asked for': async (bench) => {
    const bus = await bench.open();
    const keys = bench.keys(120);
    const body = 'x'.repeat(20_000);
    await bus.publish(
      TOPIC,
      keys.map((key) => ({ key, value: body })),
    );
    const bySize = createRecorder(bench.prefix);
    await bus.subscribe({ topics: [TOPIC], group: bench.group, onBatch: bySize.onBatch });
    const byCount = createRecorder(bench.prefix);
    const options = { topics: [TOPIC], group: `${bench.group}-count`, maxBatchRecords: 7 };
    await bus.subscribe({ ...options, onBatch: byCount.onBatch });
    const small = createRecorder(bench.prefix);
    const asked = { topics: [TOPIC], group: `${bench.group}-bytes`, maxBatchBytes: 100_000 };
    await bus.subscribe({ ...asked, onBatch: small.onBatch });
    const all = [bySize, byCount, small];
    await until(() => all.every(({ records }) => records.length >= 120), 'all is delivered');
    const largest = ({ batches }: Recorder) =>
      Math.max(...batches.map((batch) => batch.reduce((sum, record) => sum + sizeOf(record), 0)));
    assert.ok(largest(bySize) <= 800 * 1024);
    assert.ok(largest(small) <= 100_000, String(largest(small)));
    assert.ok(byCount.batches.every((batch) => batch.length <= 7));
  },

  'delivers to every follower, from now on': async (bench) => {
    const publisher = await bench.open();
    await publishKeys(publisher, TOPICS.load, bench.keys(3));
    const followers = await Promise.all(
      [0, 1].map(async () => {
        const bus = await bench.open();
        const seen: string[] = [];
        await bus.follow({
          topics: [TOPICS.load, TOPICS.live],
          onRecords: (records) =>
            void seen.push(...records.map((r) => r.key).filter((k) => k.startsWith(bench.prefix))),
        });
        return seen;
      }),
    );
    const fresh = bench.keys(10, 3);
    await publishKeys(publisher, TOPICS.load, fresh.slice(0, 5));
    await publishKeys(publisher, TOPICS.live, fresh.slice(5));
    await until(() => followers.every((seen) => seen.length >= 10), 'each follower has all ten');
    for (const seen of followers) assert.deepEqual(seen.toSorted(), fresh.toSorted());
  },

  'publishes what is pending when it closes': async (bench) => {
    const bus = await bench.open();
    const pending = publishKeys(bus, TOPIC, bench.keys(50));
    await bus.close();
    await pending;
    const { recorder } = await subscribe(bench);
    await until(() => new Set(recorder.keys).size === 50, 'what was pending is there');
  },
};

function sizeOf(record: DeliveredRecord): number {
  return JSON.stringify(record.value).length;
}
