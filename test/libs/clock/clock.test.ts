import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createClock } from '../../../libs/clock/clock.ts';

test('two clocks that left real time at the same moment agree, however much later the second was made', async () => {
  const options = { began: Date.now() - 60_000, rate: 50 };
  const first = createClock(options);
  await first.sleep(2_000);
  const second = createClock(options);
  const [before, between, after] = [first.nowUs(), second.nowUs(), first.nowUs()];
  const isSame = between > before - 500_000 && between < after + 500_000;
  assert.ok(isSame, `${between - before} us after, ${after - between} us before the other one`);
  assert.ok(first.nowUs() / 1000 > Date.now() + 48 * 60_000, 'a minute of real time was fifty of this clock');
});

test('a clock shows its start when it is made', () => {
  const clock = createClock({ start: Date.UTC(2030, 0, 1) });
  assert.ok(Math.abs(clock.nowUs() / 1000 - Date.UTC(2030, 0, 1)) < 1_000);
});

test('sleep ends early, with the reason, when it is aborted', async () => {
  const abort = new AbortController();
  const sleeping = createClock().sleep(60_000, abort.signal);
  abort.abort(new Error('enough'));
  await assert.rejects(sleeping, /enough/);
});
