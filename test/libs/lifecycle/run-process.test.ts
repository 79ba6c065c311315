import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startChild } from '../../support/child-process.ts';

const run = (what: string) => startChild({ entry: 'test/libs/lifecycle/signalled-process.ts', args: [what] });

test('SIGTERM, a keypress that arrives twice, and a terminal that is closed stop it, with exit code 0', async () => {
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
    const child = run('well');
    await child.printed(/started/);
    process.kill(child.pid, signal);
    assert.equal(await child.stop(signal), 0);
    assert.match(child.output(), /stopped/);
  }
});

test('a start that waits for ever ends within its grace after SIGTERM', async () => {
  const child = run('start-hangs');
  await child.printed(/starting/);
  assert.equal(await child.stop('SIGTERM', 10_000), 1);
  assert.match(child.output(), /cannot stop: still running after 500 ms \(stop-timeout\)/);
});

test('a start that gives up when it is told to ends with exit code 0', async () => {
  const child = run('start-waits');
  await child.printed(/starting/);
  assert.equal(await child.stop('SIGTERM', 10_000), 0);
});

test('a stop that waits for ever, and one that fails, say so and exit 1', async () => {
  for (const [what, line] of [
    ['stop-hangs', /cannot stop: still running after 500 ms/],
    ['stop-fails', /cannot stop: cannot flush/],
  ] as const) {
    const child = run(what);
    await child.printed(/started/);
    assert.equal(await child.stop('SIGTERM', 10_000), 1);
    assert.match(child.output(), line);
  }
});

test('a start that fails says why and exits 1', async () => {
  const child = run('start-fails');
  assert.equal(await child.ended(), 1);
  assert.match(child.output(), /switchfleet: cannot start: no such thing/);
});
