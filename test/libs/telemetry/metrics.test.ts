import assert from 'node:assert/strict';
import { test } from 'node:test';
import { boundedNames } from '../../../libs/telemetry/bounded-names.ts';
import { createMetrics } from '../../../libs/telemetry/metrics.ts';
import { createQuestion } from '../../../libs/telemetry/question.ts';
import { until } from '../../support/until.ts';

test('a process tells its version, memory, processor time and how late its event loop was', async () => {
  const metrics = createMetrics('test');
  await metrics.metrics();
  let delay = 0;
  await until('a delay of 150 ms was seen', async () => {
    // the timer that measures must have begun before the loop is blocked
    await new Promise((resolve) => setTimeout(resolve, 50));
    const blockedUntil = performance.now() + 200;
    while (performance.now() < blockedUntil);
    await new Promise((resolve) => setTimeout(resolve, 50));
    delay = figureOf(await metrics.metrics(), 'switchfleet_event_loop_delay_max_seconds');
    return delay > 0.15;
  });
  const text = await metrics.metrics();
  assert.match(text, /switchfleet_build_info\{version="\d+\.\d+\.\d+",service="test"\} 1/);
  assert.ok(figureOf(text, 'process_resident_memory_bytes') > 10 * 1024 ** 2);
  assert.ok(figureOf(text, 'process_cpu_seconds_total') > 0);
  assert.ok(Math.abs(figureOf(text, 'process_start_time_seconds') - Date.now() / 1000) < 300);
});

test('services that share a process do not tell of it twice', async () => {
  assert.equal(await createMetrics('one', { sharesProcess: true }).metrics(), '\n');
});

test('a label has as many values as its bound, and one more', () => {
  const name = boundedNames(2);
  assert.deepEqual(['a', 'b', 'c', 'a', null, undefined, ''].map(name), ['a', 'b', 'other', 'a', '', '', '']);
});

test('a question is asked once by all who look, again when its answer is old, and never waited for too long', async () => {
  let asked = 0;
  let answer = Promise.resolve(1);
  const question = createQuestion(
    () => {
      asked += 1;
      return answer;
    },
    { freshMs: 60_000, limitMs: 50 },
  );
  assert.deepEqual(await Promise.all([question(), question()]), [1, 1]);
  assert.equal(await question(), 1);
  assert.equal(asked, 1);

  answer = new Promise(() => undefined);
  const unanswered = createQuestion(() => answer, { limitMs: 20 });
  assert.equal(await unanswered(), undefined);
  const refused = createQuestion(async () => {
    throw new Error('away');
  });
  assert.equal(await refused(), undefined);
});

function figureOf(text: string, name: string): number {
  return Number(new RegExp(`^${name}\\{[^}]*\\} (\\S+)$`, 'm').exec(text)?.[1] ?? Number.NaN);
}
