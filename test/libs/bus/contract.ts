import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { describe, type TestContext, test } from 'node:test';
import type { Bus, DeliveredRecord } from '../../../libs/bus/bus.ts';
import { TOPICS } from '../../../libs/records/topics.ts';
import { batchesOf, startMember } from './member.ts';
import { createRecorder, publishKeys, until } from './recorder.ts';
import { openTestBus, type TestEnvironment } from './test-bus.ts';

const MIB = 1024 * 1024;
const TOPIC = TOPICS.channelEvents;

/** What each test has: a prefix for its keys, a group of its own, and buses that are closed after it. */
interface Bench {
  environment: TestEnvironment;
  prefix: string;
  group: string;
  open(): Promise<Bus>;
  keys(count: number, from?: number): string[];
}

/**
 * What every bus must do, whatever carries it. `prepare` gives the environment variables of a bus that works
 * (KAFKA_BROKERS or DATABASE_URL); it is called once for each test, with the test's context to clean up after itself.
 */
export function busContract(name: string, prepare: (t: TestContext) => Promise<TestEnvironment>): void {
  describe(`the ${name} bus`, () => {
    for (const [promise, check] of Object.entries(PROMISES)) {
      test(promise, { timeout: 120_000 }, async (t) => check(await setUp(t, prepare)));
    }
  });
}

async function setUp(t: TestContext, prepare: (t: TestContext) => Promise<TestEnvironment>): Promise<Bench> {
  const environment = { BUS_SESSION_MS: '2000', ...(await prepare(t)) };
  const buses: Bus[] = [];
  t.after(() => Promise.all(buses.map((bus) => bus.close())));
  const prefix = randomUUID();
  return {
    environment,
    prefix,
    group: `contract-${prefix}`,
    open: async () => {
      const bus = await openTestBus(environment);
      buses.push(bus);
      return bus;
    },
    keys: (count, from = 0) => Array.from({ length: count }, (_, i) => `${prefix}-${from + i}`),
  };
}

const PROMISES: Record<string, (bench: Bench) => Promise<void>> = {
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

  'commits after apply: a batch that fails comes again, in order': async (bench) => {
    let failures = 3;
    const attempts: string[][] = [];
    const recorder = createRecorder(bench.prefix, async (batch) => {
      attempts.push(batch.map((record) => record.key));
      if (failures-- > 0) throw new Error('cannot apply');
    });
    const bus = await bench.open();
    await bus.subscribe({ topics: [TOPIC], group: bench.group, onBatch: recorder.onBatch });
    const key = `${bench.prefix}-same`;
    for (const value of [1, 2, 3]) await bus.publish(TOPIC, [{ key, value }]);
    await until(() => recorder.records.length >= 3, 'the batch is applied after it failed');
    assert.deepEqual(
      recorder.records.map((record) => record.value),
      [1, 2, 3],
    );
    assert.ok(attempts.length >= 4);
  },

  'commits nothing of a batch that fails while it stops: the next member gets it': async (bench) => {
    const arrived = Promise.withResolvers<void>();
    const fail = Promise.withResolvers<void>();
    const bus = await bench.open();
    const subscription = await bus.subscribe({
      topics: [TOPIC],
      group: bench.group,
      onBatch: async (batch) => {
        if (!batch.some((record) => record.key.startsWith(bench.prefix))) return;
        arrived.resolve();
        await fail.promise;
      },
    });
    await publishKeys(bus, TOPIC, bench.keys(3));
    await arrived.promise;
    const stopped = subscription.stop();
    fail.reject(new Error('cannot apply'));
    await stopped;
    const { recorder } = await subscribe(bench);
    await until(() => new Set(recorder.keys).size === 3, 'the next member gets what was not applied');
  },

  'finishes and commits the batch in hand when it stops: the next member starts behind it': async (bench) => {
    const bus = await bench.open();
    const first = await subscribe(bench, bus);
    await publishKeys(bus, TOPIC, bench.keys(10));
    await until(() => first.recorder.keys.length === 10, 'the first member has ten');
    await first.subscription.stop();
    const second = await subscribe(bench);
    await publishKeys(bus, TOPIC, bench.keys(5, 10));
    await until(() => second.recorder.keys.length >= 5, 'the second member has five');
    assert.deepEqual(second.recorder.keys.toSorted(), bench.keys(5, 10).toSorted());
  },

  'shares the work of a group between two members, and joining loses nothing': async (bench) => {
    const publisher = await bench.open();
    const one = await subscribe(bench);
    const two = await subscribe(bench);
    let from = 0;
    await until(async () => {
      await publishKeys(publisher, TOPIC, bench.keys(100, from));
      from += 100;
      return one.recorder.keys.length > 0 && two.recorder.keys.length > 0;
    }, 'both members have work');
    const all = bench.keys(from);
    const seen = () => new Set([...one.recorder.keys, ...two.recorder.keys]);
    await until(() => seen().size === all.length, 'nothing is lost while they join');
    const before = [one.recorder.keys.length, two.recorder.keys.length] as const;
    const steady = bench.keys(400, from);
    await publishKeys(publisher, TOPIC, steady);
    await until(() => seen().size === all.length + steady.length, 'all is delivered');
    const shares = [one.recorder.keys.slice(before[0]), two.recorder.keys.slice(before[1])];
    assert.deepEqual(shares.flat().toSorted(), steady.toSorted(), 'each record goes to one of them');
    assert.ok(
      shares.every((share) => share.length >= 40),
      `a fair share: ${shares.map((s) => s.length)}`,
    );
  },

  "gives a killed member's work to the other": async (bench) => {
    const publisher = await bench.open();
    const doomed = await startMember(bench.environment);
    doomed.order({ do: 'subscribe', topic: TOPIC, group: bench.group, holdFirstBatch: true });
    const early = bench.keys(50);
    await publishKeys(publisher, TOPIC, early);
    await until(() => batchesOf(doomed).length > 0, 'the doomed member has a batch in hand');
    await doomed.kill();
    const { recorder } = await subscribe(bench);
    const late = bench.keys(50, 50);
    await publishKeys(publisher, TOPIC, late);
    await until(() => new Set(recorder.keys).size === 100, 'the other has all of it');
  },

  'refuses the late commit of a member that was taken for dead, and lets it join again': async (bench) => {
    const publisher = await bench.open();
    const key = `${bench.prefix}-key`;
    const publish = (values: number[]) =>
      publisher.publish(
        TOPIC,
        values.map((value) => ({ key, value })),
      );
    const frozen = await startMember(bench.environment);
    frozen.order({ do: 'subscribe', topic: TOPIC, group: bench.group, holdFirstBatch: true });
    await publish([1, 2, 3]);
    const own = () => batchesOf(frozen).filter((batch) => batch.keys.includes(key));
    await until(() => own().length > 0, 'the member to be frozen has a batch in hand');
    frozen.freeze();
    const { recorder, subscription } = await subscribe(bench);
    await until(() => recorder.records.some((record) => record.value === 3), 'the other took over');
    await publish([4, 5, 6]);
    await until(() => recorder.records.some((record) => record.value === 6), 'the other goes on');
    frozen.order({ do: 'release' });
    frozen.resume();
    await subscription.stop();
    const before = own().length;
    await publish([7]);
    const after = () =>
      own()
        .slice(before)
        .flatMap((batch) => batch.values);
    await until(() => after().includes(7), 'the late member joined again');
    await frozen.kill();
    const all = own().flatMap((batch) => batch.values);
    assert.ok(!all.includes(5), `a late commit moved the group back: ${all.join(' ')}`);
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

  'cuts batches at 768 KiB and at the count that was asked for': async (bench) => {
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
    await until(() => bySize.records.length >= 120 && byCount.records.length >= 120, 'all is delivered');
    for (const batch of bySize.batches) {
      assert.ok(batch.reduce((sum, record) => sum + sizeOf(record), 0) <= 800 * 1024);
    }
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

  'tells the lag of a member: what waits, and for how long': async (bench) => {
    const open = Promise.withResolvers<void>();
    const bus = await bench.open();
    const recorder = createRecorder(bench.prefix, () => open.promise);
    const subscription = await bus.subscribe({
      topics: [TOPIC],
      group: bench.group,
      onBatch: recorder.onBatch,
    });
    await publishKeys(bus, TOPIC, bench.keys(40));
    const records = async () => (await subscription.lag()).reduce((sum, lag) => sum + lag.records, 0);
    await until(async () => (await records()) >= 40, 'forty records wait');
    await until(
      async () => (await subscription.lag()).some((lag) => lag.topic === TOPIC && lag.seconds > 0),
      'they have an age',
    );
    open.resolve();
    await until(async () => (await records()) === 0, 'nothing waits');
    assert.ok((await subscription.lag()).every((lag) => lag.seconds === 0));
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

async function subscribe(bench: Bench, bus?: Bus) {
  const recorder = createRecorder(bench.prefix);
  const subscription = await (bus ?? (await bench.open())).subscribe({
    topics: [TOPIC],
    group: bench.group,
    onBatch: recorder.onBatch,
  });
  return { recorder, subscription };
}

function sizeOf(record: DeliveredRecord): number {
  return JSON.stringify(record.value).length;
}
