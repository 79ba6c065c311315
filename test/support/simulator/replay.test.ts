import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createClock } from '../../../libs/clock/clock.ts';
import { readFrames } from './esl-frame.ts';
import { EslProbe } from './esl-probe.ts';
import { readFixture } from './fixture.ts';
import { startFleet } from './fleet.ts';
import { loadRecording } from './recording.ts';

const recording = loadRecording('run-01');
const LIST =
  'event plain HEARTBEAT CHANNEL_CREATE CHANNEL_ANSWER CHANNEL_BRIDGE CHANNEL_UNBRIDGE CHANNEL_HANGUP CHANNEL_HANGUP_COMPLETE CHANNEL_DESTROY BACKGROUND_JOB SHUTDOWN CUSTOM sofia::register sofia::unregister sofia::expire';

/** Shifted times of one offset in the place of recorded ones, so that both can be compared byte by byte. */
function blankTimes(text: string): string {
  return text
    .replace(/\d{4}-\d\d-\d\d( |%20)\d\d(:|%3A)\d\d(:|%3A)\d\d/g, 'LOCAL')
    .replace(/[A-Z][a-z]{2},( |%20)\d\d\1[A-Z][a-z]{2}\1\d{4}\1\d\d(:|%3A)\d\d(:|%3A)\d\d\1GMT/g, 'GMT')
    .replace(/(?<=^|\D|%20)\d{16}(?!\d)/g, 'MICROSECONDS')
    .replace(/(?<=(_epoch|Task-Runtime|_source|Source|_history)(": ?"|: ))\d{10}/g, 'SECONDS');
}

test('a replay to `event json ALL` is the recorded stream, byte for byte but for its times', async (t) => {
  const fleet = await startFleet({ recording });
  t.after(() => fleet.stop());
  const probes = await Promise.all(fleet.nodes.map((node) => EslProbe.open(node, 'event json ALL')));
  await fleet.replay({ speed: Number.POSITIVE_INFINITY }).finished;
  for (const [index, name] of ['fs01', 'fs02'].entries()) {
    const probe = probes[index];
    assert.ok(probe);
    await probe.until(({ ending }) => ending === 'end');
    const recorded = readFixture(`run-01/esl/${name}.raw.gz`);
    assert.equal(probe.received.length, recorded.length);
    assert.notEqual(probe.received, recorded);
    assert.equal(blankTimes(probe.received), blankTimes(recorded));
  }
});

test('a second client with a list of events in plain gets what the second client of the recording got', async (t) => {
  const fleet = await startFleet({ recording });
  t.after(() => fleet.stop());
  const probe = await EslProbe.open(fleet.node('fs01'), LIST);
  await fleet.replay({ speed: Number.POSITIVE_INFINITY }).finished;
  await probe.until(({ ending }) => ending === 'end');
  assert.equal(blankTimes(probe.received), blankTimes(readFixture('run-01/esl/fs01-plain.raw.gz')));
});

test('times of a replay on a clock of rate 100 agree with that clock, on both nodes alike', async (t) => {
  const rate = 100;
  const clock = createClock({ start: Date.UTC(2030, 0, 1), rate });
  // A timer may fire a real millisecond early.
  const timerUs = 1_000 * rate;
  const fleet = await startFleet({ recording, clock });
  t.after(() => fleet.stop());
  const probes = await Promise.all(fleet.nodes.map((node) => EslProbe.open(node, 'event json HEARTBEAT')));
  const startUs = clock.nowUs();
  await fleet.replay({ ending: 'stay' }).finished;
  const endUs = clock.nowUs();
  const lengthUs = recording.endUs - recording.startUs;
  assert.ok(endUs - startUs < 3 * lengthUs, `${(endUs - startUs) / 1e6} s of the clock`);
  for (const probe of probes) {
    const times = probe.events.map((event) => Number(/"Event-Date-Timestamp":"(\d+)"/.exec(event)?.[1]));
    assert.ok(times.length >= 7);
    for (const us of times)
      assert.ok(us >= startUs && us <= endUs + timerUs, `${us} is not between ${startUs} and ${endUs}`);
    assert.deepEqual(
      times,
      times.toSorted((a, b) => a - b),
    );
  }
  const offsets = ['fs01', 'fs02'].map((name, index) => {
    const recorded = recording.items.find(
      (item) => item.kind === 'event' && item.node === name && item.name === 'HEARTBEAT',
    );
    assert.ok(recorded?.kind === 'event');
    const at = (text: string | undefined) => Number(/"Event-Date-Timestamp":"(\d+)"/.exec(text ?? '')?.[1]);
    return at(probes[index]?.events[0]) - at(recorded.json);
  });
  assert.equal(offsets[0], offsets[1]);
  assert.equal((offsets[0] ?? 1) % 1_000_000, 0);
});

test('`stay` leaves the nodes up and sends no SHUTDOWN', async (t) => {
  const fleet = await startFleet({ recording });
  t.after(() => fleet.stop());
  const probe = await EslProbe.open(fleet.node('fs01'), 'event json SHUTDOWN MODULE_UNLOAD HEARTBEAT');
  await fleet.replay({ speed: Number.POSITIVE_INFINITY, ending: 'stay' }).finished;
  assert.equal(await probe.ask('api switchname'), 'fs01');
  const names = new Set(
    probe.events.map((event) => (JSON.parse(event) as Record<string, string>)['Event-Name']),
  );
  assert.deepEqual([...names], ['HEARTBEAT']);
});

test('a node that is killed in the middle says nothing more, and its calls are not played on', async (t) => {
  const clock = createClock({ rate: 200 });
  const fleet = await startFleet({ recording, clock });
  t.after(() => fleet.stop());
  const node = fleet.node('fs02');
  const probe = await EslProbe.open(node, 'event json ALL');
  const restarted = Promise.withResolvers<void>();
  let events = 0;
  // at that very moment: who looks from outside may be late, and find that all was played
  node.onEvent = () => {
    events += 1;
    if (events === 60) queueMicrotask(() => void node.restart('kill').then(restarted.resolve));
  };
  const playing = fleet.replay();
  await restarted.promise;
  await probe.until(({ ending }) => ending === 'end');
  const later = await EslProbe.open(node, 'event json ALL');
  await playing.finished;
  assert.deepEqual(later.events, []);
  assert.ok(fleet.counts.dropped > 100);
  assert.notEqual(await later.ask('api global_getvar core_uuid'), 'e9685578-f214-4a51-9150-259ce50938f9');
});

test('readFrames stops before a frame that was cut off', () => {
  const stream = readFixture('run-01/esl/fs02.raw.gz');
  const whole = [...readFrames(stream)];
  const cut = [...readFrames(stream.slice(0, -20))];
  assert.equal(cut.length, whole.length - 1);
});

test('the log of a stream tells how its process ended: killed, shut down, or not at all', () => {
  const endsOf = (name: string) =>
    loadRecording(name).items.flatMap((item) =>
      item.kind === 'core-end' ? [`${item.node} ${item.how}`] : [],
    );
  assert.deepEqual(endsOf('run-01'), ['fs01 shutdown', 'fs02 shutdown']);
  assert.deepEqual(endsOf('run-02'), ['fs02 kill', 'fs02 shutdown', 'fs01 shutdown']);
  assert.deepEqual(endsOf('run-05'), ['fs02 kill', 'fs03 shutdown']);
});
