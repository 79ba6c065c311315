import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { createSummedWarning } from '../../../libs/telemetry/summed-warning.ts';
import { createTestLog } from '../postgres/logger.ts';

test('writes the first at once, then sums, and of nothing not a line', async () => {
  const { logger, lines } = createTestLog();
  const warn = createSummedWarning({ logger, message: 'left out', everyMs: 50 });
  warn({ rows: 0 });
  warn({ rows: 1 }, { from: 'a' });
  warn({ rows: 2 });
  warn({ rows: 3, files: 1 });
  await sleep(60);
  warn({ rows: 4 }, { from: 'b' });
  assert.deepEqual(
    lines.map(({ level, msg, rows, files, from }) => [level, msg, rows, files, from]),
    [
      [40, 'left out', 1, undefined, 'a'],
      [40, 'left out', 9, 1, 'b'],
    ],
  );
});
