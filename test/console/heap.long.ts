import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { heapGrowth } from '../../bench/console/live-figures.ts';
import { openConsolePlace } from '../../bench/console/place.ts';
import { skipWithoutBrowser } from './browser.ts';

const SECONDS = 1_800;
const MOST_MB = 5;

test('half an hour of 5,000 live calls, of which 100 change a second, leaves nothing behind', {
  skip: skipWithoutBrowser,
}, async (t) => {
  execFileSync(process.execPath, ['console/build.ts'], { stdio: 'inherit' });
  const place = await openConsolePlace();
  t.after(() => place.stop());
  const growth = await heapGrowth(place, SECONDS);
  t.diagnostic(`the heap grew by ${growth.toFixed(2)} MB in ${SECONDS} s`);
  assert.ok(growth < MOST_MB, `the heap grew by ${growth.toFixed(1)} MB`);
});
