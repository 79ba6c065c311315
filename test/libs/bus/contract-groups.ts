import assert from 'node:assert/strict';
import { type Promises, subscribe, TOPIC } from './contract-bench.ts';
import { batchesOf, startMember } from './member.ts';
import { createRecorder, publishKeys, until } from './recorder.ts';

/** What a bus promises to the members of a group. */
export const GROUP_PROMISES: Promises = {
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
};
